// What an installation writes, and what an upgrade leaves as it is.

#include <filesystem>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::HasSubstr;

class InstallTest : public testing::Test {
 protected:
  void Install() {
    const ShellResult installed = Shell(fmt::format("{} --install {} --prefix {}", CMAKE_PROGRAM,
                                                    COLOPHON_BINARY_DIR, directory_ / "usr"));
    ASSERT_EQ(installed.exit_code, 0) << installed.output;
  }
  std::string File(const std::string& path) const { return directory_ / ("usr/" + path); }

  const TempDir directory_;
};

TEST_F(InstallTest, ProgramsConfigurationUnitAndProtosAreThereAndFitTogether) {
  Install();
  const std::string config = File("etc/colophon/colophond.textproto");
  const ShellResult checked =
      Shell(fmt::format("{} --check --config {}", File("bin/colophond"), config));
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
  EXPECT_THAT(ReadFileOrDie(File("lib/systemd/system/colophond.service")), HasSubstr(config));
  for (const char* proto : {"colophon/v1/registry.proto", "google/rpc/error_details.proto"}) {
    EXPECT_TRUE(std::filesystem::exists(File(std::string("share/colophon/proto/") + proto)));
  }
}

TEST_F(InstallTest, WhatTheCommandLinePrintsOfItselfIsWhereManAndTheShellsLook) {
  Install();
  const std::string colophon = File("bin/colophon ");
  EXPECT_EQ(ReadFileOrDie(File("share/man/man1/colophon.1")), Shell(colophon + "man").output);
  EXPECT_EQ(ReadFileOrDie(File("share/bash-completion/completions/colophon")),
            Shell(colophon + "completion bash").output);
  EXPECT_EQ(ReadFileOrDie(File("share/zsh/site-functions/_colophon")),
            Shell(colophon + "completion zsh").output);
  EXPECT_EQ(ReadFileOrDie(File("share/fish/vendor_completions.d/colophon.fish")),
            Shell(colophon + "completion fish").output);
}

TEST_F(InstallTest, AnUpgradeKeepsAnEditedConfiguration) {
  Install();
  for (const char* name : {"colophond.textproto", "nginx.conf"}) {
    const std::string file = File(std::string("etc/colophon/") + name);
    const std::string ours = ReadFileOrDie(file);
    WriteFile(file, "# Edited.\n");
    WriteFile(file + ".example", "# Old.\n");
    Install();
    EXPECT_EQ(ReadFileOrDie(file), "# Edited.\n");
    EXPECT_EQ(ReadFileOrDie(file + ".example"), ours);
  }
}

}  // namespace
}  // namespace colophon
