#include "tests/crash/campaign.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>

#include "fmt/format.h"
#include "service/base/status.h"
#include "service/git/exporter.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/crash/ledger.h"
#include "tests/crash/load.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

// The promise, on a quiet machine met a hundred times over.
constexpr absl::Duration kLongestStart = absl::Seconds(5);
// Clients end when the server does.
constexpr absl::Duration kLongestClientEnd = absl::Seconds(60);

// The whole store is verified when it has grown by so much of itself: after each
// of the first rounds, then ever more seldom. What is verified in all then grows
// with the number of rounds, not with its square.
constexpr int kGrowth = 20;
// A backup is made in every so manieth round.
constexpr int kRoundsABackup = 10;

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

}  // namespace

Campaign::Campaign(const CampaignFlags& flags, const std::string& folder)
    : flags_(flags),
      folder_(folder),
      random_(flags.seed),
      server_(flags.server, folder + "/data"),
      checker_(flags.seed) {}

bool Campaign::Run() {
  if (!Prepare()) return false;
  for (int number = 1; number <= flags_.rounds; ++number) {
    if (!Round(number)) return false;
  }
  return Finish();
}

Campaign::Harm Campaign::HarmOf(int round) {
  // Each kind comes in any ten rounds, so that a short campaign has them all.
  switch (round % 10) {
    case 2:
      return Harm::kPauseThenKill;
    case 3:
      return Harm::kStop;
    case 5:
      return Harm::kClientThenKill;
    case 7:
      return Harm::kKillPaused;
    case 8:
      return Harm::kKillStopping;
    default:
      return Harm::kKill;
  }
}

Client Campaign::Connect(const ServerProcess& server) const {
  ClientOptions options;
  options.address = server.address();
  options.caller = "crash";  // As the clients: a request is the caller's own.
  options.retry.max_attempts = 1;
  return Client(options);
}

bool Campaign::Prepare() {
  if (!StartAgain(false)) return false;
  const absl::Status prepared = PrepareRepository(Connect(server_));
  return Report("preparing", prepared.ok() ? std::vector<std::string>()
                                           : std::vector<std::string>{prepared.ToString()}) &&
         Report("checking what was prepared",
                checker_.Check(Connect(server_), history_, since_, end_));
}

bool Campaign::Round(int number) {
  history_.BeginRound();
  since_ = absl::Now();
  backup_.clear();
  const Harm harm = HarmOf(number);
  if (!StartClients(number)) return false;
  Wait(20 + flags_.longest_ms);
  if (number % kRoundsABackup == 1 && !MakeBackup(number)) return false;
  if (!DoHarm(harm) || !ReadLedgers()) return false;
  if (flags_.lose_bytes > 0) CutLog(folder_ + "/data/store", flags_.lose_bytes);
  return StartAgain(number % 4 == 0) &&
         Report(fmt::format("round {}", number),
                checker_.Check(Connect(server_), history_, since_, end_)) &&
         (backup_.empty() || CheckBackup()) &&
         (number - verified_ < number / kGrowth || VerifyStore(number));
}

bool Campaign::StartClients(int number) {
  client_names_.clear();
  clients_.clear();
  std::filesystem::create_directories(folder_ + "/ledgers");
  for (int i = 0; i < flags_.clients; ++i) {
    const std::string& name = client_names_.emplace_back(fmt::format("r{}-c{}", number, i));
    clients_.push_back(std::make_unique<ChildProcess>());
    const absl::Status launched =
        clients_.back()->Launch({flags_.client, "--address", server_.address(), "--ledger",
                                 fmt::format("{}/ledgers/{}", folder_, name), "--name", name,
                                 "--seed", fmt::format("{}", random_() % 1'000'000),
                                 "--first-sequence", fmt::format("{}", checker_.sequence() + 1),
                                 "--threads", fmt::format("{}", flags_.threads)},
                                folder_ + "/clients.log");
    if (!launched.ok()) return Report("starting a client", {launched.ToString()});
  }
  return true;
}

bool Campaign::DoHarm(Harm harm) {
  end_ = End::kKilled;
  if (harm == Harm::kPauseThenKill) {
    server_.Signal(SIGSTOP);
    Wait(200);
    server_.Signal(SIGCONT);
    Wait(200);
  } else if (harm == Harm::kClientThenKill) {
    clients_.front()->Kill();
    history_.ClientWasKilled(client_names_.front());
    Wait(200);
  }

  harm_time_ = LedgerTime();
  if (harm == Harm::kStop) {
    end_ = End::kStopped;
    const int exit_code = server_.Terminate();
    if (exit_code != 0) {
      return Report("SIGTERM", {fmt::format("the server's exit code is {}", exit_code)});
    }
    return true;
  }
  if (harm == Harm::kKillPaused) {
    server_.Signal(SIGSTOP);
    Wait(100);
  } else if (harm == Harm::kKillStopping) {
    server_.Signal(SIGTERM);
    Wait(5);
  }
  server_.Kill();
  return true;
}

bool Campaign::ReadLedgers() {
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i]->is_running() && clients_[i]->AwaitExitCode(kLongestClientEnd) != 0) {
      return Report("the clients' end", {client_names_[i] + " failed, or doesn't end"});
    }
    const std::string ledger = fmt::format("{}/ledgers/{}", folder_, client_names_[i]);
    // A client that was killed may not have come so far.
    if (!std::filesystem::exists(ledger)) continue;
    const absl::Status read = history_.Read(ledger);
    if (!read.ok()) return Report("reading " + ledger, {read.ToString()});
  }
  for (const auto& [operation, call] : history_.calls()) {
    if (call.acknowledged) ++(call.external ? own_calls_ : calls_);
  }
  for (const auto& [operation, change] : history_.changes()) {
    if (!change.acknowledged) continue;
    if (change.method == "UpdateLabel") {
      ++label_moves_;
    } else if (!change.branch.empty()) {
      ++drafts_;
    } else {
      ++(change.change.archived_prompts().empty() ? publishes_ : archives_);
    }
  }
  return Report("before the crash", history_.FailuresBefore(harm_time_));
}

bool Campaign::MakeBackup(int number) {
  v1::CreateBackupRequest request;
  request.set_backup(fmt::format("r{}", number));
  backup_time_ = LedgerTime();
  const absl::StatusOr<v1::CreateBackupResponse> made = Connect(server_).CreateBackup(request);
  if (!made.ok()) return Report("making a backup", {made.status().ToString()});
  backup_ = made->directory();
  ++backups_;
  return true;
}

bool Campaign::CheckBackup() {
  std::vector<std::string> problems;
  {
    ServerProcess server(flags_.server, backup_);
    const absl::Status started = server.Start();
    problems = started.ok() ? checker_.CheckBackup(Connect(server), history_, backup_time_)
                            : std::vector<std::string>{started.ToString()};
  }
  if (!Report("checking a backup", problems)) return false;
  std::filesystem::remove_all(backup_);
  return true;
}

bool Campaign::VerifyStore(int number) {
  verified_ = number;
  return Report(fmt::format("verifying the store after round {}", number),
                checker_.CheckStore(Connect(server_)));
}

// A stop in good order loses nothing either, and leaves nothing to recover.
bool Campaign::Finish() {
  if (!Report("the last check", checker_.CheckEverything(Connect(server_), history_)) ||
      !VerifyStore(flags_.rounds)) {
    return false;
  }
  const int exit_code = server_.Terminate();
  if (exit_code != 0) {
    return Report("SIGTERM", {fmt::format("the server's exit code is {}", exit_code)});
  }
  if (!CheckExport() || !StartAgain(false)) return false;
  if (!Report("after SIGTERM", checker_.CheckEverything(Connect(server_), history_))) return false;
  for (const auto& [what, count] :
       {std::pair("calls", calls_), std::pair("records of own calls", own_calls_),
        std::pair("publishes", publishes_), std::pair("drafts", drafts_),
        std::pair("label moves", label_moves_), std::pair("archives", archives_),
        std::pair("calls that were cut", checker_.unknown_count())}) {
    if (count == 0) return Report("the load", {fmt::format("no {}: it proves nothing", what)});
  }
  fmt::print(
      "{} rounds with seed {}, {} clients of {} threads; acknowledged: {} calls, {} records of "
      "own calls, {} publishes, {} drafts, {} label moves, {} archives; {} requests sent again, "
      "{} calls cut and recorded as unknown, {} backups opened, {} crashes while starting; longest "
      "start {}; {} checks, 0 bad\n",
      flags_.rounds, flags_.seed, flags_.clients, flags_.threads, calls_, own_calls_, publishes_,
      drafts_, label_moves_, archives_, checker_.repeated_count(), checker_.unknown_count(),
      backups_, crashes_while_starting_,
      absl::FormatDuration(absl::Trunc(longest_start_, absl::Milliseconds(1))),
      checker_.check_count());
  return true;
}

// What the crashes left is ordinary git. The server doesn't run.
bool Campaign::CheckExport() {
  const std::string git_folder = folder_ + "/export.git";
  {
    absl::StatusOr<std::unique_ptr<Store>> store = OpenRocksdbStore(folder_ + "/data/store");
    if (!store.ok()) return Report("opening the store", {store.status().ToString()});
    const absl::Status exported = ExportRepository(store->get(), kRepository, git_folder);
    if (!exported.ok()) return Report("exporting", {exported.ToString()});
  }
  std::vector<std::string> problems;
  const auto git = [&](const std::string& arguments, const std::string& expected) {
    const ShellResult result =
        Shell(fmt::format("git -c safe.directory='*' -C {} {}", git_folder, arguments));
    if (result.exit_code != 0 || result.output != expected) {
      problems.push_back(
          fmt::format("git {} says\n{}instead of\n{}", arguments, result.output, expected));
    }
  };
  git("fsck --strict --full --no-dangling", "");
  git("rev-parse main", checker_.head() + "\n");
  git("rev-list --count main", fmt::format("{}\n", checker_.sequence()));
  for (const auto& [branch, commit] : checker_.draft_heads()) {
    git(fmt::format("rev-parse {}", branch), commit + "\n");
  }
  std::filesystem::remove_all(git_folder);
  return Report("git's check of an export", problems);
}

bool Campaign::StartAgain(bool kill_while_starting) {
  if (kill_while_starting) {
    const absl::Status launched = server_.Launch();
    if (!launched.ok()) return Report("starting", {launched.ToString()});
    Wait(60);
    server_.Kill();
    ++crashes_while_starting_;
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
void Campaign::Wait(int64_t most_milliseconds) {
  const auto microseconds =
      static_cast<int64_t>(random_() % static_cast<uint64_t>(most_milliseconds * 1000));
  std::mutex mu;
  std::condition_variable never;
  std::unique_lock<std::mutex> lock(mu);
  never.wait_for(lock, std::chrono::microseconds(microseconds), [] { return false; });
}

}  // namespace colophon
