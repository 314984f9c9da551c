// Kill -9 at random moments: what was acknowledged is there afterwards.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

extern char** environ;

namespace colophon {
namespace {

constexpr int kRounds = 10;

// What the writer printed.
struct Acknowledged {
  std::set<std::string> intents;
  std::set<std::string> outcomes;
  std::map<std::string, int64_t> changes;  // Newest, by repository.
};

// Runs the writer, kills it after `line_count` lines, and returns all whole
// lines that it printed.
std::vector<std::string> RunAndKill(const std::string& directory, size_t line_count) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  std::string program = CRASH_WRITER;
  std::string argument = directory;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t pid = -1;
  const int spawned = posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  EXPECT_EQ(spawned, 0);

  std::string output;
  char buffer[4096];
  size_t lines = 0;
  bool killed = false;
  for (ssize_t size; (size = read(pipe_ends[0], buffer, sizeof(buffer))) > 0;) {
    output.append(buffer, static_cast<size_t>(size));
    lines += static_cast<size_t>(std::count(buffer, buffer + size, '\n'));
    if (lines >= line_count && !killed) {
      kill(pid, SIGKILL);
      killed = true;
    }
  }
  close(pipe_ends[0]);
  int status = 0;
  if (spawned == 0) waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself, status " << status;

  std::vector<std::string> whole;
  for (size_t begin = 0, end; (end = output.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    whole.push_back(output.substr(begin, end - begin));
  }
  return whole;
}

void Note(const std::vector<std::string>& lines, Acknowledged* all) {
  std::string repository;
  for (const std::string& line : lines) {
    std::istringstream words(line);
    std::string kind;
    std::string value;
    words >> kind >> value;
    if (kind == "intent") all->intents.insert(value);
    if (kind == "outcome") all->outcomes.insert(value);
    if (kind == "repository") all->changes[repository = value] = 0;
    if (kind == "change") all->changes[repository] = std::stoll(value);
  }
}

void ExpectAllThere(Store& store, const Acknowledged& all) {
  for (const std::string& id : all.intents) {
    const auto record = store.GetRecord(id);
    ASSERT_OK(record);
    EXPECT_EQ(record->intent().subject(), id);
    if (all.outcomes.contains(id)) {
      EXPECT_EQ(record->outcome().error_message(), id);
    }
  }
  ASSERT_OK_AND_ASSIGN(const auto repositories, store.ListRepositories());
  std::map<std::string, int64_t> sequences;
  for (const v1::Repository& repository : repositories) {
    sequences[repository.name()] = repository.sequence();
  }
  for (const auto& [repository, sequence] : all.changes) {
    ASSERT_TRUE(sequences.contains(repository)) << repository;
    EXPECT_GE(sequences[repository], sequence) << repository;
    EXPECT_LE(sequences[repository], sequence + 1) << "one write may be under way";
  }
}

TEST(CrashTest, NothingAcknowledgedIsLost) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  TempDir directory;
  Acknowledged all;
  for (int round = 0; round < kRounds; ++round) {
    const size_t lines = std::uniform_int_distribution<size_t>(1, 600)(random);
    Note(RunAndKill(directory / "store", lines), &all);
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory / "store"));
    ExpectAllThere(*store, all);
    ASSERT_OK_AND_ASSIGN(const auto found, store->Verify());
    EXPECT_EQ(found.problems_size(), 0) << found.DebugString();
    // At most what the writer's threads had under way, each round.
    EXPECT_LE(found.open_record_count(), 4 * (round + 1));
    EXPECT_GE(found.record_count(), static_cast<int64_t>(all.intents.size()));
  }
  EXPECT_GT(all.intents.size(), 0u);
  EXPECT_GT(all.outcomes.size(), 0u);
}

}  // namespace
}  // namespace colophon
