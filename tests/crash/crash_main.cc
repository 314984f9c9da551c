// Kills a real server again and again under a mixed load, with -9 and at a
// random moment, and checks after each start that nothing that was acknowledged
// is lost.
//
//   crash_campaign --server PATH [--rounds 60] [--seed N] [--longest-ms 900]
//                  [--lose-bytes N]
//
// A failure prints the seed: the same choices are made again with --seed. Which
// thread was where when the server died can't be chosen.
//
// --lose-bytes cuts the end off the store's write-ahead log after each kill, as
// if it had been acknowledged without a sync and the power had failed: then the
// campaign must fail, which shows that it can.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>

#include "CLI/CLI.hpp"
#include "client/cpp/client.h"
#include "fmt/format.h"
#include "tests/crash/checker.h"
#include "tests/crash/history.h"
#include "tests/crash/load.h"
#include "tests/testing/server_process.h"

namespace colophon {
namespace {

// The promise, on a quiet machine met a hundred times over.
constexpr absl::Duration kLongestStart = absl::Seconds(5);

// The whole store is verified when it has grown by so much of itself: after each
// of the first rounds, then ever more seldom. What is verified in all then grows
// with the number of rounds, not with its square.
constexpr int kGrowth = 20;

struct Flags {
  std::string server;
  int rounds = 60;
  uint64_t seed = std::random_device()();
  int longest_ms = 900;
  int64_t lose_bytes = 0;
};

// Of the newest write-ahead log in the folder.
void CutLog(const std::filesystem::path& folder, int64_t bytes) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
  }
  if (newest.empty()) return;
  const auto size = static_cast<int64_t>(std::filesystem::file_size(newest));
  std::filesystem::resize_file(newest, static_cast<uintmax_t>(std::max<int64_t>(0, size - bytes)));
}

class Campaign {
 public:
  Campaign(const Flags& flags, const std::string& folder)
      : flags_(flags),
        store_folder_(folder + "/data/store"),
        random_(flags.seed),
        server_(flags.server, folder + "/data"),
        checker_(flags.seed) {}

  // False when something was lost or wrong.
  bool Run();

 private:
  bool Prepare();
  bool Round(int number);
  bool VerifyStore(int number);
  bool Finish();
  // Starts the server; every fourth time it is killed during that first.
  bool StartAgain(bool kill_while_starting);
  bool Report(const std::string& when, const std::vector<std::string>& problems);
  Client Connect() const;
  void Wait(absl::Duration duration);

  const Flags flags_;
  const std::string store_folder_;
  std::mt19937_64 random_;
  ServerProcess server_;
  History history_;
  Checker checker_;
  absl::Time since_ = absl::Now();
  absl::Duration longest_start_;
  int64_t calls_ = 0;
  int64_t changes_ = 0;
  int double_crashes_ = 0;
  int verified_ = 0;  // The round after which the whole store was verified last.
};

bool Campaign::Run() {
  if (!Prepare()) return false;
  for (int number = 1; number <= flags_.rounds; ++number) {
    if (!Round(number)) return false;
  }
  return Finish();
}

Client Campaign::Connect() const {
  ClientOptions options;
  options.address = server_.address();
  options.caller = "crash";
  options.retry.max_attempts = 1;  // What was not answered stays not answered.
  return Client(options);
}

bool Campaign::Prepare() {
  if (!StartAgain(false)) return false;
  const absl::Status prepared = PrepareRepository(Connect());
  return Report("preparing", prepared.ok() ? std::vector<std::string>()
                                           : std::vector<std::string>{prepared.ToString()}) &&
         Report("checking what was prepared", checker_.Check(Connect(), history_, since_));
}

bool Campaign::Round(int number) {
  history_.BeginRound();
  since_ = absl::Now();
  {
    Load load(Connect(), &history_, fmt::format("r{}", number), random_(), checker_.sequence() + 1);
    Wait(absl::Milliseconds(20 + static_cast<int64_t>(random_() % flags_.longest_ms)));
    load.ExpectFailures();
    server_.Kill();
    load.Join();
  }
  if (flags_.lose_bytes > 0) CutLog(store_folder_, flags_.lose_bytes);
  for (const auto& [operation, call] : history_.calls()) calls_ += call.acknowledged ? 1 : 0;
  for (const auto& [operation, change] : history_.changes())
    changes_ += change.acknowledged ? 1 : 0;
  return StartAgain(number % 4 == 0) &&
         Report(fmt::format("round {}", number), checker_.Check(Connect(), history_, since_)) &&
         (number - verified_ < number / kGrowth || VerifyStore(number));
}

bool Campaign::VerifyStore(int number) {
  verified_ = number;
  return Report(fmt::format("verifying the store after round {}", number),
                checker_.CheckStore(Connect()));
}

// A stop in good order loses nothing either, and leaves nothing to recover.
bool Campaign::Finish() {
  if (!Report("the last check", checker_.CheckAllRecords(Connect(), history_)) ||
      !VerifyStore(flags_.rounds)) {
    return false;
  }
  const int exit_code = server_.Terminate();
  if (exit_code != 0) {
    return Report("SIGTERM", {fmt::format("the server's exit code is {}", exit_code)});
  }
  if (!StartAgain(false)) return false;
  if (!Report("after SIGTERM", checker_.CheckAllRecords(Connect(), history_))) return false;
  if (calls_ == 0 || changes_ == 0 || checker_.unknown_count() == 0) {
    return Report("the load", {fmt::format("{} calls, {} changes, {} cut calls: it proves nothing",
                                           calls_, changes_, checker_.unknown_count())});
  }
  fmt::print(
      "{} rounds with seed {}: {} calls and {} changes acknowledged, none lost; {} calls cut, all "
      "recorded as unknown; {} crashes while starting; longest start {}\n",
      flags_.rounds, flags_.seed, calls_, changes_, checker_.unknown_count(), double_crashes_,
      absl::FormatDuration(absl::Trunc(longest_start_, absl::Milliseconds(1))));
  return true;
}

bool Campaign::StartAgain(bool kill_while_starting) {
  if (kill_while_starting) {
    const absl::Status launched = server_.Launch();
    if (!launched.ok()) return Report("starting", {launched.ToString()});
    Wait(absl::Milliseconds(static_cast<int64_t>(random_() % 60)));
    server_.Kill();
    ++double_crashes_;
  }
  const absl::Status started = server_.Start();
  if (!started.ok()) return Report("starting", {started.ToString()});
  longest_start_ = std::max(longest_start_, server_.start_time());
  if (server_.start_time() > kLongestStart) {
    return Report("starting", {fmt::format("it took {}, more than {}",
                                           absl::FormatDuration(server_.start_time()),
                                           absl::FormatDuration(kLongestStart))});
  }
  return true;
}

bool Campaign::Report(const std::string& when, const std::vector<std::string>& problems) {
  if (problems.empty()) return true;
  constexpr size_t kEnough = 30;
  fmt::print(stderr, "FAILED, {} with seed {}: {} problems\n", when, flags_.seed, problems.size());
  for (size_t i = 0; i < problems.size() && i < kEnough; ++i) {
    fmt::print(stderr, "  {}\n", problems[i]);
  }
  fmt::print(stderr, "The server's log ends so:\n{}", server_.log());
  return false;
}

// Nothing is waited for but the time: the moment of death is the experiment.
void Campaign::Wait(absl::Duration duration) {
  std::mutex mu;
  std::condition_variable never;
  std::unique_lock<std::mutex> lock(mu);
  never.wait_for(lock, absl::ToChronoMicroseconds(duration), [] { return false; });
}

int Main(int argc, char** argv) {
  CLI::App app{"Kills colophond under load and checks that nothing acknowledged is lost."};
  Flags flags;
  app.add_option("--server", flags.server, "Path of colophond")->required();
  app.add_option("--rounds", flags.rounds, "How often to kill it")->capture_default_str();
  app.add_option("--seed", flags.seed, "Of every choice; printed at the end");
  app.add_option("--longest-ms", flags.longest_ms, "Longest life under load")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--lose-bytes", flags.lose_bytes,
                 "Cut so much off the log after each kill; the campaign must then fail");
  CLI11_PARSE(app, argc, argv);

  std::string folder = (std::filesystem::temp_directory_path() / "colophon-crash-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr, "can't make a folder like {}\n", folder);
    return 1;
  }
  const bool passed = Campaign(flags, folder).Run();
  if (passed || flags.lose_bytes > 0) {
    std::filesystem::remove_all(folder);
  } else {
    fmt::print(stderr, "The store is kept in {}\n", folder);
  }
  return passed ? 0 : 1;
}

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) { return colophon::Main(argc, argv); }
