// M4: how long one call takes at 200 calls a second, open loop, against nginx
// as a reverse proxy to the same upstream. What comes before the sync is seen
// by a second server whose store is in memory, where a sync costs nothing.

#include <filesystem>

#include "fmt/format.h"
#include "tests/bench/http_load.h"
#include "tests/bench/machine.h"
#include "tests/bench/measures.h"
#include "tests/bench/processes.h"
#include "tests/bench/prompts.h"
#include "tests/bench/raw_file.h"
#include "tests/bench/sides.h"
#include "tests/bench/stats.h"
#include "tests/testing/temp_dir.h"

namespace colophon::bench {
namespace {

constexpr int kRate = 200;
constexpr char kPrompt[] = "bench/http";
constexpr char kMemory[] = "/dev/shm";
// What a group's sync writes at this rate: one intent or one outcome.
constexpr size_t kSyncBytes = 2048;

// A folder in memory that goes with its owner.
class MemoryFolder {
 public:
  MemoryFolder() {
    std::string pattern = std::string(kMemory) + "/colophon-XXXXXX";
    if (IsInMemory(kMemory) && mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~MemoryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;

  // Empty when the machine has no file system in memory.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Latencies {
  std::vector<double> p50;
  std::vector<double> p99;

  absl::Status Add(const absl::StatusOr<LoadResult>& result) {
    RETURN_IF_ERROR(result.status());
    p50.push_back(Percentile(result->milliseconds, 0.5));
    p99.push_back(Percentile(result->milliseconds, 0.99));
    return absl::OkStatus();
  }
};

struct Latency {
  Latencies durable, in_memory, nginx, direct, bare;
  std::vector<double> sync;  // Of one append, milliseconds.
};

absl::StatusOr<Process> StartServer(const std::string& folder, const Process& upstream) {
  ASSIGN_OR_RETURN(Process process, StartColophond(folder, ProviderConfig(upstream.port)));
  RETURN_IF_ERROR(PublishPrompt(process.address(), kPrompt, PromptOfText("bench/instant")));
  ASSIGN_OR_RETURN(const std::string answer, CallOnce(CompleteCall(process.address(), kPrompt)));
  RETURN_IF_ERROR(CheckCompleteAnswer(answer, kCallTextBytes));
  return process;
}

void AddRows(const Latency& latency, Table* table) {
  const std::string call = "one call at 200 calls/s";
  std::vector<double> added;
  for (size_t i = 0; i < latency.durable.p50.size(); ++i) {
    added.push_back(latency.durable.p50[i] - latency.in_memory.p50[i]);
  }
  table->Add({"M4", call + ", before the sync, p50", "nginx", "ms", latency.in_memory.p50,
              latency.nginx.p50, Goal::AtMost(2)});
  table->Add({"M4", "what being durable adds, p50", "one append and fdatasync", "ms", added,
              latency.sync, Goal::AtMost(1)});
  table->Add({"M4", call + ", durable, p99", "", "ms", latency.durable.p99, {}, Goal::AtMost(3)});
  table->Add(
      {"M4", call + ", durable, p50", "nginx", "ms", latency.durable.p50, latency.nginx.p50, {}});
  table->Add(
      {"M4", call + ", durable, p99", "nginx", "ms", latency.durable.p99, latency.nginx.p99, {}});
  table->Add({"M4",
              "the client alone: a bare gRPC echo, p50",
              "the upstream without a proxy",
              "ms",
              latency.bare.p50,
              latency.direct.p50,
              {}});
}

}  // namespace

absl::Status MeasureLatency(const Options& options, Table* table) {
  const std::string folder = options.folder + "/m4";
  if (IsInMemory(options.folder)) {
    return FailedPrecondition("IN_MEMORY",
                              options.folder + " is in memory; name a disk with --dir");
  }
  const MemoryFolder memory;
  if (memory.path().empty()) {
    return FailedPrecondition("NO_MEMORY_FOLDER", "/dev/shm is not a file system in memory");
  }
  ASSIGN_OR_RETURN(const Process upstream, StartUpstream(folder + "/upstream", kCallTextBytes));
  ASSIGN_OR_RETURN(const Process nginx, StartNginx(folder + "/nginx", upstream.port));
  ASSIGN_OR_RETURN(const Process durable, StartServer(folder + "/durable", upstream));
  ASSIGN_OR_RETURN(const Process in_memory, StartServer(memory.path() + "/colophond", upstream));
  ASSIGN_OR_RETURN(const Process echo,
                   StartEcho(folder + "/echo", TextOfSize(kCallTextBytes, 1), false));

  const HttpTarget direct_target{upstream.port, "/v1/chat/completions",
                                 ChatRequest(TextOfSize(kCallTextBytes, 1))};
  HttpTarget nginx_target = direct_target;
  nginx_target.port = nginx.port;
  RETURN_IF_ERROR(PostOnce(nginx_target).status());
  const LoadTarget durable_target = CompleteCall(durable.address(), kPrompt);
  const LoadTarget memory_target = CompleteCall(in_memory.address(), kPrompt);
  const LoadTarget bare_target{echo.address(), kEchoMethod, EchoRequest(durable_target.request)};

  auto grpc = [&](const LoadTarget& target, Latencies* to) {
    return [&options, &target, to] {
      return to->Add(RunOpenLoop(target, kRate, options.warm_up, options.slice));
    };
  };
  auto http = [&](const HttpTarget& target, Latencies* to) {
    return [&options, &target, to] {
      return to->Add(RunHttpOpenLoop(target, kRate, options.warm_up, options.slice));
    };
  };
  Latency latency;
  auto sync = [&] {
    ASSIGN_OR_RETURN(const AppendResult result,
                     AppendAndSync(folder + "/append", kSyncBytes, options.slice / 4));
    latency.sync.push_back(result.p50_milliseconds);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      Alternate(options.rounds,
                {grpc(durable_target, &latency.durable), http(nginx_target, &latency.nginx),
                 grpc(memory_target, &latency.in_memory), http(direct_target, &latency.direct),
                 grpc(bare_target, &latency.bare), sync}));
  AddRows(latency, table);
  table->Note("M4",
              "before the sync: the same server with its store in memory. Ours is called "
              "over gRPC, nginx over HTTP/1.1, by clients that cost what the last row says");
  return absl::OkStatus();
}

}  // namespace colophon::bench
