#include "service/base/running_program.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::HasSubstr;

constexpr auto kLong = std::chrono::seconds(60);

std::unique_ptr<RunningProgram> StartShell(const std::string& script, ProgramOptions options = {}) {
  options.arguments = {"sh", "-c", script};
  auto program = RunningProgram::Start(options);
  EXPECT_OK(program);
  return program.ok() ? *std::move(program) : nullptr;
}

TEST(RunningProgramTest, ItReadsItsInputAndIsRead) {
  ASSERT_OK_AND_ASSIGN(const FileDescriptor input, MakeMemoryFile(std::string(300'000, 'x')));
  const auto program = StartShell("cat; echo $NAME; echo bad >&2; exit 3",
                                  {.environment = {"NAME=a b"}, .input = &input});
  ASSERT_OK_AND_ASSIGN(const std::string output, program->ReadAll(kLong, nullptr));
  EXPECT_EQ(output, std::string(300'000, 'x') + "a b\n");
  EXPECT_EQ(program->ExitCode(), 3);
  EXPECT_EQ(program->ExitCode(), 3);
  EXPECT_EQ(program->Errors(), "bad\n");
}

// Neither our environment nor our files, of which some libraries don't say that they end
// with us.
TEST(RunningProgramTest, ItHasNothingOfOursButThePath) {
  setenv("COLOPHON_SECRET", "key", 1);
  const FileDescriptor open(dup(STDOUT_FILENO));
  const auto program = StartShell("env; ls /proc/self/fd | wc -l; cat");
  ASSERT_OK_AND_ASSIGN(const std::string output, program->ReadAll(kLong, nullptr));
  EXPECT_THAT(output, HasSubstr("PATH="));
  EXPECT_THAT(output, testing::Not(HasSubstr("COLOPHON_SECRET")));
  EXPECT_THAT(output, HasSubstr("\n4\n"));  // Its three, and what `ls` reads.
}

// Dead, also when nobody has asked how it ended.
bool IsDead(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string number, name, state;
  return !(file >> number >> name >> state) || state == "Z";
}

TEST(RunningProgramTest, ItGoesWithAllThatItHasStarted) {
  const TempDir dir;
  const std::string pids = dir / "pids";
  {
    const auto program = StartShell("sleep 1000 & echo $$ $! > " + pids + ".next; mv " + pids +
                                    ".next " + pids + "; wait");
    EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(pids); }));
  }
  std::string leader, started;
  std::ifstream(pids) >> leader >> started;
  EXPECT_TRUE(IsDead(leader));
  EXPECT_TRUE(Eventually([&] { return IsDead(started); }));
}

TEST(RunningProgramTest, Failures) {
  EXPECT_THAT(RunningProgram::Start({.arguments = {"no-such-program-here"}}),
              ErrorIs(absl::StatusCode::kInternal, "CANT_RUN", HasSubstr("no-such-program-here")));
  EXPECT_THAT(StartShell("sleep 1000")->ReadAll(std::chrono::milliseconds(20), nullptr),
              ErrorIs(absl::StatusCode::kDeadlineExceeded, "PROGRAM_TIMEOUT"));
  StopFlag stop;
  stop.Stop();
  EXPECT_THAT(StartShell("sleep 1000")->ReadAll(kLong, &stop),
              ErrorIs(absl::StatusCode::kCancelled, "CANCELLED"));
  const auto killed = StartShell("kill -9 $$");
  ASSERT_OK(killed->ReadAll(kLong, nullptr));
  EXPECT_EQ(killed->ExitCode(), 128 + 9);
  const auto large = StartShell("head -c 300000000 /dev/zero | tail -c 300000000 | wc -c",
                                {.max_memory_bytes = 64 << 20});
  ASSERT_OK_AND_ASSIGN(const std::string counted, large->ReadAll(kLong, nullptr));
  EXPECT_NE(counted, "300000000\n");
}

}  // namespace
}  // namespace colophon
