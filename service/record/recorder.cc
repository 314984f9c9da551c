#include "service/record/recorder.h"

#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/message_parts.h"
#include "service/base/task.h"

namespace colophon {
namespace {

// What `call` throws is told to `done`, which then was not called.
void CallOrSay(const std::function<void()>& call, const Done& done) {
  const auto answer = [&] {
    call();
    return absl::OkStatus();
  };
  absl::Status called = AnswerOf(answer);
  if (!called.ok()) done(std::move(called));
}

// What a repeated request has again; the times may be those of its arrival.
bool IsSameCompletion(const v1::Record& a, const v1::Record& b) {
  return a.intent().reference() == b.intent().reference() &&
         a.intent().commit() == b.intent().commit() &&
         a.intent().rendered_digest() == b.intent().rendered_digest() &&
         a.outcome().status() == b.outcome().status() &&
         a.outcome().output_digest() == b.outcome().output_digest() &&
         a.outcome().model() == b.outcome().model();
}

}  // namespace

Recorder::Recorder(RecordStore* store, Clock* clock) : store_(store), clock_(clock), ids_(clock) {}

absl::StatusOr<int> Recorder::CloseAbandonedRecords() {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, store_->ListAbandonedRecords());
  std::vector<std::future<absl::Status>> writes;
  writes.reserve(ids.size());
  for (const std::string& id : ids) {
    v1::Outcome outcome;
    outcome.set_status(v1::RECORD_STATUS_UNKNOWN);
    outcome.set_error_reason("SERVER_DIED");
    outcome.set_error_message(
        "the server died during the call: the provider may have been called and may have answered");
    *outcome.mutable_end_time() = ToProto(clock_->Now());
    auto written = std::make_shared<std::promise<absl::Status>>();
    writes.push_back(written->get_future());
    store_->AppendOutcome(id, outcome,
                          [written](absl::Status status) { written->set_value(status); });
  }
  for (auto& write : writes) RETURN_IF_ERROR(write.get());
  return static_cast<int>(ids.size());
}

// By when the call came, so that a list in order of ids is one in order of start
// times, and a window of time is a range of ids.
std::string Recorder::NewId(const v1::Intent& intent) {
  return intent.has_start_time() ? ids_.NewIdAt(FromProto(intent.start_time())) : ids_.NewId();
}

Task<absl::StatusOr<std::string>> Recorder::RecordIntent(v1::Intent intent, Workers* workers) {
  std::string id = NewId(intent);
  const absl::Status status = co_await Await<absl::Status>([&](Done done) {
    if (workers == nullptr) return store_->AppendIntent(id, intent, std::move(done));
    absl::Status queued = workers->Run(
        intent.caller(),
        [&, done] { CallOrSay([&] { store_->AppendIntent(id, intent, done); }, done); },
        Workers::Order::kNext);
    if (!queued.ok()) done(std::move(queued));
  });
  CO_RETURN_IF_ERROR(status);
  co_return id;
}

Task<absl::Status> Recorder::RecordOutcome(std::string id, const v1::Outcome& outcome,
                                           Workers* workers) {
  co_return co_await Await<absl::Status>([&](Done done) {
    if (workers == nullptr) return store_->AppendOutcome(id, outcome, std::move(done));
    // A share of its own: it doesn't wait for what else its caller asked for.
    const absl::Status queued = workers->Run(
        id, [&, done] { CallOrSay([&] { store_->AppendOutcome(id, outcome, done); }, done); });
    if (!queued.ok()) store_->AppendOutcome(id, outcome, std::move(done));
  });
}

void Recorder::CreateRecord(v1::Record given, const std::string& request_id,
                            std::function<void(absl::StatusOr<v1::Record>)> done) {
  if (!request_id.empty()) {
    absl::StatusOr<std::optional<v1::Record>> made = FindMade(given, request_id);
    if (!made.ok()) return done(made.status());
    if (made->has_value()) return done(**std::move(made));
  }
  auto record = std::make_shared<v1::Record>(std::move(given));
  record->set_id(NewId(record->intent()));
  store_->AppendRecord(*record, request_id, [record, done = std::move(done)](absl::Status status) {
    if (absl::IsAlreadyExists(status)) {
      // Two at once, of which the other one came first.
      status = WithRetryDelay(Unavailable("REQUEST_RUNNING",
                                          "a record is being made with this request_id: ask again "
                                          "for it"),
                              absl::Milliseconds(100));
    }
    if (!status.ok()) return done(status);
    done(std::move(*record));
  });
}

absl::StatusOr<std::optional<v1::Record>> Recorder::FindMade(const v1::Record& given,
                                                             const std::string& request_id) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> id,
                   store_->FindRecordOfRequest(given.intent().repository(), request_id));
  if (!id) return std::nullopt;
  ASSIGN_OR_RETURN(v1::Record made, store_->GetRecord(*id));
  if (IsSameCompletion(made, given)) return made;
  return Error(absl::StatusCode::kAlreadyExists, "REQUEST_EXISTS",
               fmt::format("request_id \"{}\" made record {} of another completion: choose a new "
                           "one",
                           request_id, *id),
               {{"made_record", *id}});
}

std::string OutputText(const v1::Completion& completion) {
  return TextOfParts(completion.message());
}

std::string OutputDigest(const v1::Completion& completion) {
  const std::string text = OutputText(completion);
  return text.empty() ? "" : Sha256Hex(text);
}

}  // namespace colophon
