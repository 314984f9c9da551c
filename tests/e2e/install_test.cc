// What an installation writes, whether its parts fit together, and what an upgrade leaves
// as it is.

#include <filesystem>
#include <map>
#include <vector>

#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::Contains;

namespace fs = std::filesystem;

// What stands in `text` between two others; a failure when it doesn't.
std::string Between(const std::string& text, const std::string& before, const std::string& after) {
  const size_t at = text.find(before);
  const size_t begin = at + before.size();
  const size_t end = at == text.npos ? at : text.find(after, begin);
  EXPECT_NE(end, text.npos) << before << "…" << after << "\n" << text;
  return end == text.npos ? "" : text.substr(begin, end - begin);
}

// The rest of the line that begins so.
std::string RestOf(const std::string& text, const std::string& line) {
  return Between("\n" + text, "\n" + line, "\n");
}

class InstallTest : public testing::Test {
 protected:
  // Into a fresh root, as a package is made.
  void Install(const std::string& prefix) {
    const ShellResult installed =
        Shell(fmt::format("DESTDIR={} {} --install {} --prefix {}", root_.path(), CMAKE_PROGRAM,
                          COLOPHON_BINARY_DIR, prefix));
    ASSERT_EQ(installed.exit_code, 0) << installed.output;
  }
  // Where a path of the machine that is installed is now.
  std::string At(const std::string& path) const { return root_.path() + path; }
  std::string Unit(const std::string& prefix) const {
    return ReadFileOrDie(At(prefix + "/lib/systemd/system/colophond.service"));
  }
  // `colophond --check` of an installation, on a data directory that it has.
  ShellResult Check(const std::string& program, const std::string& config) const {
    return Shell(fmt::format("{} --check --data {} --config {}", At(program),
                             At("/var/lib/colophon"), At(config)));
  }

  const TempDir root_;
};

// Kind: files of one installation that name each other where they aren't.
TEST_F(InstallTest, WhateverThePrefixTheUnitStartsWhatIsThere) {
  const std::map<std::string, std::string> configuration_of = {
      {"/usr", "/etc/colophon"},
      {"/usr/local", "/usr/local/etc/colophon"},
      {"/opt/colophon", "/opt/colophon/etc/colophon"},
  };
  for (const auto& [prefix, configuration] : configuration_of) {
    Install(prefix);
    const std::string unit = Unit(prefix);
    const std::string program = prefix + "/bin/colophond";
    const std::string config = configuration + "/colophond.textproto";
    EXPECT_EQ(RestOf(unit, "ExecStart="),
              fmt::format("{} --data /var/lib/colophon --config {}", program, config));
    EXPECT_TRUE(fs::exists(At(RestOf(unit, "Documentation=file://")))) << prefix;
    EXPECT_TRUE(fs::exists(At(configuration + "/nginx.conf"))) << prefix;
    const ShellResult checked = Check(program, config);
    EXPECT_EQ(checked.exit_code, 0) << checked.output;
    for (const char* proto : {"colophon/v1/registry.proto", "google/rpc/error_details.proto"}) {
      EXPECT_TRUE(fs::exists(At(prefix + "/share/colophon/proto/" + proto))) << proto;
    }
  }
  EXPECT_FALSE(fs::exists(At("/usr/etc")));
}

// Kind: a suggestion that can't work where it is made.
TEST_F(InstallTest, TheUnitMayWriteToWhatTheConfigurationSuggests) {
  Install("/usr");
  const std::string unit = Unit("/usr");
  std::vector<std::string> writable;
  for (const auto& name : absl::StrSplit(RestOf(unit, "StateDirectory="), ' ')) {
    writable.push_back("/var/lib/" + std::string(name));
  }
  EXPECT_THAT(writable, Contains(Between(unit, "--data ", " ")));
  const std::string config = "/etc/colophon/colophond.textproto";
  const std::string shipped = ReadFileOrDie(At(config));
  const std::string backups = Between(shipped, "\n# backup_directory: \"", "\"\n");
  EXPECT_THAT(writable, Contains(backups));
  // In the root that is installed to: systemd makes these two, and the file names one.
  for (const std::string& directory : writable) fs::create_directories(At(directory));
  WriteFile(At(config), shipped + fmt::format("backup_directory: \"{}\"\n", At(backups)));
  EXPECT_EQ(Check("/usr/bin/colophond", config).exit_code, 0);
}

TEST_F(InstallTest, ReloadAndStopAreSignalsThatTheServerTakesSo) {
  Install("/usr");
  const std::string unit = Unit("/usr");
  EXPECT_EQ(RestOf(unit, "ExecReload="), "/bin/kill -HUP $MAINPID");
  EXPECT_EQ(RestOf(unit, "KillSignal="), "SIGTERM");
  // The drain that is shipped ends before systemd kills.
  const std::string shipped = ReadFileOrDie(At("/etc/colophon/colophond.textproto"));
  EXPECT_LT(std::stoi(RestOf(shipped, "drain_seconds: ")),
            std::stoi(RestOf(unit, "TimeoutStopSec=")));
}

TEST_F(InstallTest, WhatTheCommandLinePrintsOfItselfIsWhereManAndTheShellsLook) {
  Install("/usr");
  const std::string colophon = At("/usr/bin/colophon ");
  EXPECT_EQ(ReadFileOrDie(At("/usr/share/man/man1/colophon.1")), Shell(colophon + "man").output);
  EXPECT_EQ(ReadFileOrDie(At("/usr/share/bash-completion/completions/colophon")),
            Shell(colophon + "completion bash").output);
  EXPECT_EQ(ReadFileOrDie(At("/usr/share/zsh/site-functions/_colophon")),
            Shell(colophon + "completion zsh").output);
  EXPECT_EQ(ReadFileOrDie(At("/usr/share/fish/vendor_completions.d/colophon.fish")),
            Shell(colophon + "completion fish").output);
}

TEST_F(InstallTest, AnUpgradeKeepsAnEditedConfiguration) {
  Install("/usr");
  for (const char* name : {"colophond.textproto", "nginx.conf"}) {
    const std::string file = At(std::string("/etc/colophon/") + name);
    const std::string ours = ReadFileOrDie(file);
    WriteFile(file, "# Edited.\n");
    WriteFile(file + ".example", "# Old.\n");
    Install("/usr");
    EXPECT_EQ(ReadFileOrDie(file), "# Edited.\n");
    EXPECT_EQ(ReadFileOrDie(file + ".example"), ours);
  }
}

// Kind: a library that the build's machine has, and the one that it runs on doesn't.
TEST_F(InstallTest, ThePackagesToRunAreAllThatTheProgramsLoad) {
  const ShellResult loaded = Shell(fmt::format(
      "readelf -d {} {} | sed -n 's/.*NEEDED.*\\[\\(.*\\)\\]/*-linux-gnu\\/\\1/p' | sort -u |"
      "xargs dpkg -S | sed 's/:.*//' | sort -u | grep -vE '^(libc6|libgcc-s1|lib.san[0-9]+)$'",
      COLOPHOND_PROGRAM, COLOPHON_PROGRAM));
  ASSERT_EQ(loaded.exit_code, 0) << loaded.output;
  const std::string script = ReadFileOrDie(SourceFolder() + "/deploy/install-deps");
  const std::vector<std::string> listed = absl::StrSplit(
      Between(script, "RUN_PACKAGES=(", ")"), absl::ByAnyChar(" \n"), absl::SkipWhitespace());
  for (const auto& package : absl::StrSplit(loaded.output, '\n', absl::SkipWhitespace())) {
    EXPECT_THAT(listed, Contains(std::string(package)));
  }
}

}  // namespace
}  // namespace colophon
