// M7: records a second, intent and outcome, through the recorder with 64
// callers; against RocksDB with the very entries that the store wrote, from one
// writer that batches them and from 64 threads that each sync their own.

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>

#include "boost/asio/co_spawn.hpp"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/executor.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/base/json.h"
#include "service/record/recorder.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/bench/machine.h"
#include "tests/bench/measures.h"
#include "tests/bench/prompts.h"
#include "tests/bench/raw_store.h"

namespace colophon::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kCallers = 64;
constexpr int kLoops = 2;
constexpr int64_t kSampledRecords = 2000;
constexpr size_t kVariableBytes = 300;
constexpr size_t kOutputBytes = 800;

v1::Intent SampleIntent() {
  v1::Intent intent;
  intent.set_repository(kRepository);
  intent.set_prompt("support/triage");
  intent.set_version(12);
  intent.set_commit(std::string(40, 'c'));
  intent.set_digest(std::string(64, 'd'));
  intent.set_reference("bench/support/triage@production");
  intent.set_label("production");
  intent.set_variables_json(WriteJson(json::object{{"text", TextOfSize(kVariableBytes, 1)}}));
  intent.set_model("openai/gpt-4o-mini");
  intent.set_rendered_digest(std::string(64, 'e'));
  intent.set_request_digest(std::string(64, 'f'));
  intent.set_caller("bench");
  return intent;
}

v1::Outcome SampleOutcome() {
  v1::Outcome outcome;
  outcome.set_status(v1::RECORD_STATUS_OK);
  v1::Completion* completion = outcome.mutable_completion();
  completion->mutable_message()->set_role(v1::ROLE_MODEL);
  completion->mutable_message()->add_parts()->set_text(TextOfSize(kOutputBytes, 2));
  completion->set_stop_reason(v1::STOP_REASON_END);
  completion->set_provider_stop_reason("stop");
  completion->mutable_usage()->set_input_tokens(500);
  completion->mutable_usage()->set_output_tokens(200);
  completion->set_provider_model("gpt-4o-mini-2024-07-18");
  outcome.set_piece_count(1);
  outcome.set_model("openai/gpt-4o-mini");
  v1::Attempt* attempt = outcome.add_attempts();
  attempt->set_model("openai/gpt-4o-mini");
  attempt->set_request_digest(std::string(64, 'f'));
  *outcome.mutable_latency() = ToProto(absl::Milliseconds(700));
  *outcome.mutable_end_time() = ToProto(absl::Now());
  return outcome;
}

// A store with the repository that the records belong to.
absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& directory) {
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, OpenRocksdbStore(directory));
  std::promise<absl::Status> created;
  store->CreateRepository(kRepository, absl::Now(),
                          [&created](absl::Status status) { created.set_value(status); });
  RETURN_IF_ERROR(created.get_future().get());
  return store;
}

// Callers that record one completion after the other.
class Callers {
 public:
  explicit Callers(Store* store) : recorder_(store, Clock::Real()) {}

  // Until `end` or until so many records were made. Records a second.
  absl::StatusOr<double> Run(SteadyClock::time_point end, int64_t max_records) {
    end_ = end;
    left_ = max_records;
    made_ = 0;
    const SteadyClock::time_point start = SteadyClock::now();
    Executor executor(kLoops);
    std::vector<std::future<absl::Status>> ends;
    for (int i = 0; i < kCallers; ++i) {
      auto ended = std::make_shared<std::promise<absl::Status>>();
      ends.push_back(ended->get_future());
      boost::asio::co_spawn(executor.Next().context(), RecordAll(),
                            [ended](const std::exception_ptr& error, absl::Status status) {
                              if (error) status = Internal("a caller threw");
                              ended->set_value(std::move(status));
                            });
    }
    for (auto& caller : ends) RETURN_IF_ERROR(caller.get());
    return static_cast<double>(made_) /
           std::chrono::duration<double>(SteadyClock::now() - start).count();
  }

 private:
  Task<absl::Status> RecordAll() {
    while (SteadyClock::now() < end_ && left_-- > 0) {
      v1::Intent intent = intent_;
      *intent.mutable_start_time() = ToProto(absl::Now());
      absl::StatusOr<std::string> id = co_await recorder_.RecordIntent(std::move(intent));
      CO_RETURN_IF_ERROR(id.status());
      v1::Outcome outcome = outcome_;
      // The digest of each output is its own.
      outcome.set_output_digest(HexEncode(*UuidToBytes(*id) + *UuidToBytes(*id)));
      absl::Status recorded = co_await recorder_.RecordOutcome(*id, std::move(outcome));
      CO_RETURN_IF_ERROR(recorded);
      ++made_;
    }
    co_return absl::OkStatus();
  }

  const v1::Intent intent_ = SampleIntent();
  const v1::Outcome outcome_ = SampleOutcome();
  Recorder recorder_;
  SteadyClock::time_point end_;
  std::atomic<int64_t> left_{0};
  std::atomic<int64_t> made_{0};
};

// What the store writes for the intents and outcomes of kSampledRecords, one
// element for each of them.
absl::StatusOr<std::vector<RawWrite>> SampleWrites(const std::string& directory) {
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, OpenStore(directory));
    const auto limit = SteadyClock::now() + std::chrono::seconds(60);
    RETURN_IF_ERROR(Callers(store.get()).Run(limit, kSampledRecords).status());
  }
  ASSIGN_OR_RETURN(const RawWrite entries, ReadLog(directory));
  if (entries.size() < 2 * kSampledRecords) {
    return Internal(fmt::format("the store's log has {} entries of {} records", entries.size(),
                                kSampledRecords));
  }
  return CutIntoWrites(entries, 2 * kSampledRecords);
}

void NoteSizes(const std::vector<RawWrite>& writes, Table* table) {
  size_t entries = 0;
  size_t bytes = 0;
  for (const RawWrite& write : writes) {
    entries += write.size();
    for (const RawEntry& entry : write) bytes += entry.size();
  }
  table->Note("M7",
              fmt::format("a record is {:.1f} entries of {} bytes in all, in two writes; the "
                          "limits write the same entries",
                          static_cast<double>(entries) / kSampledRecords, bytes / kSampledRecords));
}

}  // namespace

absl::Status MeasureRecorder(const Options& options, Table* table) {
  const std::string folder = options.folder + "/m7";
  if (IsInMemory(options.folder)) {
    return FailedPrecondition("IN_MEMORY",
                              options.folder + " is in memory; name a disk with --dir");
  }
  std::filesystem::create_directories(folder);
  ASSIGN_OR_RETURN(std::vector<RawWrite> writes, SampleWrites(folder + "/sample"));
  NoteSizes(writes, table);
  ASSIGN_OR_RETURN(const std::unique_ptr<RawStore> one, RawStore::Open(folder + "/one", writes));
  ASSIGN_OR_RETURN(const std::unique_ptr<RawStore> many,
                   RawStore::Open(folder + "/many", std::move(writes)));
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, OpenStore(folder + "/store"));
  Callers callers(store.get());

  // A record is two writes.
  auto records = [](absl::StatusOr<double> per_second) {
    if (per_second.ok()) *per_second /= 2;
    return per_second;
  };
  ASSIGN_OR_RETURN(
      const std::vector<std::vector<double>> rates,
      AlternateRates(options.rounds,
                     {[&] {
                        return callers.Run(
                            SteadyClock::now() + absl::ToChronoNanoseconds(options.slice),
                            INT64_MAX);
                      },
                      [&] { return records(one->RunOneWriter(kCallers, options.slice)); },
                      [&] { return records(many->RunThreads(kCallers, options.slice)); }}));
  const std::string what = "records, 64 callers";
  table->Add({"M7", what, "one writer, synced batches of 64", "records/s", rates[0], rates[1],
              Goal::AtLeast(0.6)});
  table->Add(
      {"M7", what, "64 threads syncing each", "records/s", rates[0], rates[2], Goal::AtLeast(1.5)});
  return absl::OkStatus();
}

}  // namespace colophon::bench
