// colophond as a program: its flags, what it prints, how it ends.

#include <csignal>
#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

const std::string kProgram = COLOPHOND;

TEST(MainTest, PrintsItsVersion) {
  const ShellResult result = Shell(kProgram + " --version");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, MatchesRegex("colophond [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(MainTest, AWrongCommandLineIsToldInItsOwnWords) {
  const struct {
    const char* arguments;
    const char* says;
  } cases[] = {
      {"--no-such-flag", "no option \"--no-such-flag\"; see colophond --help"},
      {"--dta x", "no option \"--dta\"; did you mean --data?"},
      {"--lisen=127.0.0.1:0", "no option \"--lisen\"; did you mean --listen?"},
      {"serve --data x", "\"serve\" is one argument too many; see colophond --help"},
      {"--listen", "--listen: 1 required TEXT missing; see colophond --help"},
  };
  for (const auto& [arguments, says] : cases) {
    const ShellResult result = Shell(kProgram + " " + arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments;
    EXPECT_EQ(result.output, std::string("colophond: ") + says + "\n");
  }
}

TEST(MainTest, CheckReadsTheConfigurationAndStartsNothing) {
  const TempDir directory;
  WriteFile(directory / "good", "log_level: \"warn\"\n");
  const ShellResult good = Shell("cd " + directory.path() + " && " + kProgram +
                                 " --check --config good && test ! -e data");
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(good.output, "the configuration is good\n");

  WriteFile(directory / "bad", "\n\nlog_level: \"loud\"\n");
  const ShellResult bad = Shell(kProgram + " --check --config " + (directory / "bad"));
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.output, HasSubstr("bad:3: log_level is \"loud\""));
}

// Kind: "good" for what then doesn't start.
TEST(MainTest, CheckNamesAllThatAStartWouldMiss) {
  const TempDir directory;
  WriteFile(directory / "file", "");
  WriteFile(directory / "conf", R"(
      backup_directory: "file/backups"
      providers { name: "a" kind: KIND_OPENAI api_key_env: "COLOPHON_TEST_NOT_SET" })");
  const std::string run = "cd " + directory.path() + " && " + kProgram;
  const ShellResult bad = Shell(run + " --check --config conf --data file/data");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_EQ(bad.output,
            "colophond: can't write to the data directory \"file/data\": Not a directory; name "
            "another one with --data\n"
            "colophond: provider \"a\" needs its API key in the environment variable "
            "COLOPHON_TEST_NOT_SET, which is not set\n"
            "colophond: can't write to the backup directory \"file/backups\": Not a directory; no "
            "backup can be made there: see backup_directory in the configuration\n");
  WriteFile(directory / "conf", R"(
      providers { name: "a" kind: KIND_OPENAI api_key_env: "COLOPHON_TEST_SET" })");
  const ShellResult good =
      Shell("cd " + directory.path() + " && COLOPHON_TEST_SET=sk-0123456789abcdef " + kProgram +
            " --check --config conf && test ! -e data");
  EXPECT_EQ(good.exit_code, 0) << good.output;
}

TEST(MainTest, AnAddressBeyondLoopbackIsRefused) {
  const ShellResult result = Shell(kProgram + " --check --listen 0.0.0.0:1");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("--listen is \"0.0.0.0:1\", which is not loopback"));
}

// Starts the server in the background, waits for its port, and runs `then`,
// where $PID is the server's.
ShellResult WithServer(const TempDir& directory, const std::string& then,
                       const std::string& flags = "") {
  return Shell("cd " + directory.path() + "\n" + kProgram +
               " --data data --listen 127.0.0.1:0 --port-file port --http-listen 127.0.0.1:0 "
               "--http-port-file http_port " +
               flags +
               " > out 2> err &\n"
               "PID=$!\n"
               "for i in $(seq 600); do test -s port && break; sleep 0.05; done\n" +
               then);
}

TEST(MainTest, ServesUntilSigtermAndSaysWhere) {
  const TempDir directory;
  const ShellResult result =
      WithServer(directory,
                 "grep -q 'colophond is serving on "
                 "127.0.0.1:'$(cat port)' and http://127.0.0.1:'$(cat http_port)', data "
                 "in data' out || exit 3\n"
                 "kill -TERM $PID; wait $PID");
  EXPECT_EQ(result.exit_code, 0) << result.output << ReadFileOrDie(directory / "err");
  const std::string log = ReadFileOrDie(directory / "err");
  for (const char* event :
       {"event=open", "event=serving", "event=signal", "event=stopping", "event=stopped"}) {
    EXPECT_THAT(log, HasSubstr(event));
  }
  EXPECT_THAT(log, HasSubstr("level=info"));
}

TEST(MainTest, ItsDataIsForItsUserOnly) {
  const TempDir directory;
  const ShellResult result = WithServer(directory, "stat -c %a data\nkill -INT $PID; wait $PID");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, "700\n");
}

// Keys and prompts are in its memory. Beside it a program that leaves one, where the machine
// lets any do so.
TEST(MainTest, ItLeavesNoCoreFile) {
  const TempDir directory;
  const ShellResult result = Shell(
      "cd " + directory.path() +
      " && ulimit -c unlimited || exit 77\n"
      "sleep 60 & kill -ABRT $!; wait $!; ls core* > /dev/null || exit 77; rm core*\n" +
      kProgram +
      " --data data --listen 127.0.0.1:0 --http-listen off --port-file port 2> err > out & PID=$!\n"
      "for i in $(seq 600); do test -s port && break; sleep 0.05; done\n"
      "test -s port && kill -ABRT $PID; wait $PID; echo $?; ls | grep core");
  if (result.exit_code == 77) GTEST_SKIP() << "no program leaves a core file here";
  // The shell says which of them had a signal.
  EXPECT_THAT(result.output, testing::EndsWith("\n134\n"));
}

// Kind: a library's own lines around the one that says what to do.
TEST(MainTest, APortThatIsTakenIsOneLine) {
  const TempDir directory;
  const ShellResult result = WithServer(
      directory,
      kProgram + " --data a --http-listen off --listen 127.0.0.1:$(cat port) > one 2>&1; A=$?\n" +
          kProgram +
          " --data b --listen 127.0.0.1:0 --http-listen 127.0.0.1:$(cat http_port) "
          "> two 2>&1; B=$?\n"
          "kill -TERM $PID; wait $PID; echo $A $B");
  EXPECT_EQ(result.output, "1 1\n");
  EXPECT_THAT(ReadFileOrDie(directory / "one"),
              MatchesRegex("colophond: can't listen on 127.0.0.1:[0-9]+: Address already in use; "
                           "another program holds the port: choose another one with --listen, or "
                           "0 for any\n"));
  EXPECT_THAT(ReadFileOrDie(directory / "two"),
              MatchesRegex("colophond: can't listen on 127.0.0.1:[0-9]+: Address already in use; "
                           "another program holds the port: choose another one with --http-listen, "
                           "0 for any, or off for none\n"));
}

// The levels have one name each, in the configuration and in the log.
TEST(MainTest, TheLogHasTheLevelsThatTheConfigurationNames) {
  const TempDir directory;
  WriteFile(directory / "conf", "log_level: \"warn\" backup_directory: \"conf/x\"\n");
  const ShellResult result = WithServer(directory, "kill -TERM $PID; wait $PID", "--config conf");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(ReadFileOrDie(directory / "err"),
              MatchesRegex("time=[^ ]+ level=warn event=cant_back_up message=.*\n"));
}

TEST(MainTest, TwoProcessesOnOneDirectoryAreRefused) {
  const TempDir directory;
  const ShellResult result =
      WithServer(directory, kProgram +
                                " --data data --listen 127.0.0.1:0 --http-listen off; CODE=$?\n"
                                "kill -TERM $PID; wait $PID; exit $CODE");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("colophond: "));
}

}  // namespace
}  // namespace colophon
