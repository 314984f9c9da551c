#include "service/record/recorder.h"

#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "service/base/hash.h"

namespace colophon {

Recorder::Recorder(Store* store, Clock* clock) : store_(store), clock_(clock), ids_(clock) {}

absl::StatusOr<int> Recorder::CloseOpenRecords() {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, store_->ListOpenRecords());
  std::vector<std::future<absl::Status>> writes;
  writes.reserve(ids.size());
  for (const std::string& id : ids) {
    v1::Outcome outcome;
    outcome.set_status(v1::STATUS_UNKNOWN);
    outcome.set_error_reason("SERVER_DIED");
    outcome.set_error_message(
        "the server died during the call: the provider may have been called and may have answered");
    *outcome.mutable_end_time() = ToProto(clock_->Now());
    auto written = std::make_shared<std::promise<absl::Status>>();
    writes.push_back(written->get_future());
    store_->AppendOutcome(id, std::move(outcome),
                          [written](absl::Status status) { written->set_value(status); });
  }
  for (auto& write : writes) RETURN_IF_ERROR(write.get());
  return static_cast<int>(ids.size());
}

Task<absl::StatusOr<std::string>> Recorder::RecordIntent(v1::Intent intent) {
  std::string id = ids_.NewId();
  const absl::Status status = co_await Await<absl::Status>(
      [&](Done done) { store_->AppendIntent(id, std::move(intent), std::move(done)); });
  CO_RETURN_IF_ERROR(status);
  co_return id;
}

Task<absl::Status> Recorder::RecordOutcome(std::string id, v1::Outcome outcome) {
  const absl::Status status = co_await Await<absl::Status>(
      [&](Done done) { store_->AppendOutcome(id, std::move(outcome), std::move(done)); });
  co_return status;
}

void Recorder::CreateRecord(v1::Intent intent, v1::Outcome outcome,
                            std::function<void(absl::StatusOr<v1::Record>)> done) {
  v1::Record record;
  record.set_id(ids_.NewIdAt(FromProto(intent.start_time())));
  *record.mutable_intent() = std::move(intent);
  *record.mutable_outcome() = std::move(outcome);
  auto shared = std::make_shared<v1::Record>(record);
  store_->AppendRecord(std::move(record), [shared, done = std::move(done)](absl::Status status) {
    if (!status.ok()) return done(status);
    done(std::move(*shared));
  });
}

std::string OutputText(const v1::Completion& completion) {
  std::string text;
  for (const v1::Part& part : completion.message().parts()) text += part.text();
  return text;
}

std::string OutputDigest(const v1::Completion& completion) {
  const std::string text = OutputText(completion);
  return text.empty() ? "" : Sha256Hex(text);
}

}  // namespace colophon
