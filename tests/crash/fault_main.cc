// Lets one operation on the store's files fail, each in turn: every create, append, sync,
// rename, link, unlink and close of a short life, once with EIO and once with ENOSPC,
// passing or lasting. However it ends, with an error or with the server's exit code for
// a failed store, it ends honestly: no abort, nothing acknowledged lost, and the next
// start finds a whole store.
//
//   fault_campaign [--cases N] [--seed N]     default: every operation, all four ways
//
// Each case is a process of its own, for what an abort would take with it:
//
//   fault_campaign --write DIRECTORY --operation N --error io|nospace [--lasts] --seed N
//
// which prints "acknowledged" for each step of its ledger, "fault WHAT" when it comes,
// and at the end "operations N".

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "fmt/format.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/crash/fault_file_system.h"
#include "tests/store/ledger.h"
#include "tests/testing/temp_dir.h"

extern char** environ;

namespace colophon {
namespace {

enum ExitCode { kPassed = 0, kFailed = 1, kRefusedToOpen = 3, kBadAnswer = 4, kStoreFailed = 70 };

struct Flags {
  int cases = 0;  // 0: all.
  uint64_t seed = 1;
  std::string write;
  int64_t operation = 0;
  std::string error = "io";
  bool lasts = false;
};

void Print(const std::string& line) {
  if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(5);
}

// --- The process in which it fails.

// Opens a store, writes, makes backups, which flush, so that tables are written and
// merged; and closes it. False when it can't be opened.
bool Live(const std::string& directory, int life, rocksdb::Env* env, Ledger* ledger) {
  constexpr int kRounds = 5;
  constexpr int kStepsARound = 8;
  RocksdbStoreOptions options;
  options.env = env;
  options.cache_bytes = 8 << 20;
  options.upkeep_interval = std::chrono::milliseconds(1);
  options.on_failure = [](const absl::Status&) { _exit(kStoreFailed); };
  const auto store = OpenRocksdbStore(directory, options);
  if (!store.ok()) {
    Print(fmt::format("refused {}\n", MessageOf(store.status())));
    return false;
  }
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kStepsARound; ++i) {
      const absl::Status status = ledger->Write(store->get());
      if (!status.ok()) {
        Print(fmt::format("answered {}\n", status.ToString()));
        _exit(kBadAnswer);
      }
      Print("acknowledged\n");
    }
    const std::string backup = fmt::format("{}.backup-{}-{}", directory, life, round);
    (void)(*store)->Backup(backup);  // May fail; the store goes on or stops.
    std::error_code ignored;
    std::filesystem::remove_all(backup, ignored);
  }
  return true;
}

int Write(const Flags& flags) {
  FaultFileSystem::Fault fault;
  fault.operation = flags.operation;
  fault.lasts = flags.lasts;
  fault.status = flags.error == "io" ? rocksdb::IOStatus::IOError("injected")
                                     : rocksdb::IOStatus::NoSpace("injected");
  const auto files = std::make_shared<FaultFileSystem>(
      fault, [](const std::string& what) { Print("fault " + what + "\n"); });
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  Ledger ledger(flags.seed);
  for (int life = 0; life < 2; ++life) {
    if (!Live(flags.write, life, env.get(), &ledger)) return kRefusedToOpen;
  }
  Print(fmt::format("operations {}\n", files->count()));
  return kPassed;
}

// --- The campaign.

struct Case {
  int64_t operation = 0;
  bool lasts = false;
  std::string error;
};

struct Outcome {
  int exit_code = -1;  // 128 + signal.
  int acknowledged = 0;
  int64_t operations = 0;
  std::string fault;
  std::string output;
};

Outcome Spawn(const std::vector<std::string>& arguments) {
  Outcome outcome;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return outcome;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<std::string> words = {"/proc/self/exe"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  const int spawned =
      posix_spawn(&pid, words[0].c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  char buffer[4096];
  for (ssize_t size; (size = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    outcome.output.append(buffer, static_cast<size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  if (spawned == 0 && waitpid(pid, &status, 0) == pid) {
    outcome.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  std::istringstream lines(outcome.output);
  for (std::string line; std::getline(lines, line);) {
    if (line == "acknowledged") ++outcome.acknowledged;
    if (line.starts_with("fault ")) outcome.fault = line.substr(6);
    if (line.starts_with("operations ")) outcome.operations = std::stoll(line.substr(11));
  }
  return outcome;
}

Outcome RunCase(const std::string& directory, uint64_t seed, const Case& c) {
  std::vector<std::string> arguments = {
      "--write", directory, "--operation", fmt::format("{}", c.operation),
      "--error", c.error,   "--seed",      fmt::format("{}", seed)};
  if (c.lasts) arguments.push_back("--lasts");
  return Spawn(arguments);
}

// What is wrong with the store that a case left; empty when nothing is.
std::string Inspect(const std::string& directory, uint64_t seed, int acknowledged) {
  Ledger ledger(seed);
  for (int i = 0; i < acknowledged; ++i) ledger.Acknowledge();
  for (int start = 1; start <= 2; ++start) {
    RocksdbStoreOptions options;
    options.cache_bytes = 8 << 20;
    const auto store = OpenRocksdbStore(directory, options);
    if (!store.ok()) return fmt::format("start {}: {}", start, MessageOf(store.status()));
    const Findings findings = ledger.Compare(store->get());
    if (!findings.wrong.empty()) {
      return fmt::format("start {}: {} things wrong, {}", start, findings.wrong.size(),
                         findings.wrong[0]);
    }
    if (findings.told > 0) return fmt::format("start {}: {} reads fail", start, findings.told);
    const auto verified = (*store)->Verify();
    if (!verified.ok()) return MessageOf(verified.status());
    if (verified->problems_size() > 0) return verified->problems(0).message();
  }
  return "";
}

std::vector<Case> ChooseCases(const Flags& flags, int64_t operations) {
  std::vector<Case> cases;
  for (int64_t operation = 1; operation <= operations; ++operation) {
    for (const bool lasts : {false, true}) {
      for (const char* error : {"io", "nospace"}) cases.push_back({operation, lasts, error});
    }
  }
  if (flags.cases == 0 || flags.cases >= static_cast<int>(cases.size())) return cases;
  std::mt19937_64 random(flags.seed);
  std::shuffle(cases.begin(), cases.end(), random);
  cases.resize(static_cast<size_t>(flags.cases));
  return cases;
}

int Campaign(const Flags& flags) {
  const TempDir place;
  const Outcome sound = RunCase(place / "sound", flags.seed, {.error = "io"});
  if (sound.exit_code != kPassed || sound.operations == 0) {
    fmt::print(stderr, "without a fault it ends with {}:\n{}", sound.exit_code, sound.output);
    return kFailed;
  }
  const std::vector<Case> cases = ChooseCases(flags, sound.operations);
  std::map<int, int> exits;
  int failures = 0;
  for (const Case& c : cases) {
    const std::string directory = place / "store";
    const Outcome outcome = RunCase(directory, flags.seed, c);
    ++exits[outcome.exit_code];
    const bool honest = outcome.exit_code == kPassed || outcome.exit_code == kRefusedToOpen ||
                        outcome.exit_code == kStoreFailed;
    const std::string problem = honest ? Inspect(directory, flags.seed, outcome.acknowledged)
                                       : "it ended with " + std::to_string(outcome.exit_code);
    if (!problem.empty()) {
      ++failures;
      fmt::print(
          stderr, "FAILED: operation {} ({}), {}{}: {}\n{}\n", c.operation, outcome.fault, c.error,
          c.lasts ? ", lasting" : "", problem,
          outcome.output.substr(outcome.output.size() > 600 ? outcome.output.size() - 600 : 0));
    }
    std::filesystem::remove_all(directory);
    Shell("rm -rf '" + directory + "'.*");
  }
  fmt::print(
      "{} cases of {} operations with seed {}: {} went on, {} stopped as failed, {} refused "
      "to open, {} bad\n",
      cases.size(), sound.operations, flags.seed, exits[kPassed], exits[kStoreFailed],
      exits[kRefusedToOpen], failures);
  const bool proves_something = exits[kStoreFailed] > 0 && exits[kPassed] > 0;
  if (!proves_something) fmt::print(stderr, "no fault was felt, or all were: it proves nothing\n");
  return failures == 0 && proves_something ? kPassed : kFailed;
}

int Main(int argc, char** argv) {
  CLI::App app{"Lets operations on the store's files fail, one by one."};
  Flags flags;
  app.add_option("--cases", flags.cases, "How many, chosen by the seed; 0: all");
  app.add_option("--seed", flags.seed, "Of what is written and of what is chosen");
  app.add_option("--write", flags.write, "Be the process in which it fails: the store's directory");
  app.add_option("--operation", flags.operation, "Which one fails, from 1");
  app.add_option("--error", flags.error, "io or nospace");
  app.add_flag("--lasts", flags.lasts, "All after it fail too");
  CLI11_PARSE(app, argc, argv);
  return flags.write.empty() ? Campaign(flags) : Write(flags);
}

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) { return colophon::Main(argc, argv); }
