// A team on a server that lets nobody in without a key: operator, author, app, auditor, by
// the programs that they hold.

#include <filesystem>
#include <fstream>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class AccessE2eTest : public E2eTest {
 protected:
  AccessE2eTest() {
    server().set_serves_http(true);
    Serve("require_keys: true");
  }

  // What a shell says, with an own home for each who types.
  ShellResult As(const std::string& who, const std::string& command) {
    std::filesystem::create_directories(dir() / who);
    return Shell(
        fmt::format("cd '{0}' && export HOME='{0}' XDG_CONFIG_HOME='{0}/.config' "
                    "COLOPHON_SERVER={1} no_proxy='*' GIT_CONFIG_NOSYSTEM=1 "
                    "GIT_TERMINAL_PROMPT=0 GIT_AUTHOR_NAME={2} GIT_AUTHOR_EMAIL={2}@x "
                    "GIT_COMMITTER_NAME={2} GIT_COMMITTER_EMAIL={2}@x; "
                    "colophon() {{ '{3}' \"$@\"; }}; {{ {4}; }} 2>&1",
                    dir() / who, server().address(), who, COLOPHON_PROGRAM, command));
  }
  std::string AsOk(const std::string& who, const std::string& command) {
    const ShellResult result = As(who, command);
    EXPECT_EQ(result.exit_code, 0) << who << ": " << command << "\n" << result.output;
    return result.output;
  }
  void Hand(const std::string& who, const std::string& options) {
    const std::string key = AsOk("operator", "colophon key create --for " + who + " " + options);
    std::filesystem::create_directories(dir() / who);
    std::ofstream(dir() / who + "/key") << key;
    AsOk(who, "colophon login < key");
  }
};

TEST_F(AccessE2eTest, EachDoesTheirsAndNoMore) {
  EXPECT_EQ(As("stranger", "colophon list").exit_code, 7);
  AsOk("operator", fmt::format("colophon login < '{}/admin.key'", data()));
  AsOk("operator", "colophon init acme prompts && cd prompts && colophon publish -m 'Begin'");
  Hand("ada", "--role publisher --role releaser -r acme --label staging");
  Hand("shop", "--role caller -r acme");
  Hand("eve", "--role auditor -r acme");

  // The author, by git with the key as password, and by the command line.
  const std::string git =
      "git -c credential.helper='!f() { echo username=any; echo password=$(cat ~/key); }; f' ";
  AsOk("ada", git + fmt::format("clone -q http://{}/acme.git", server().http_address()));
  AsOk("ada", "cd acme && echo 'Say help.' >> support/triage.prompt && " + git +
                  "commit -qam 'Say help' && " + git + "push -q");
  EXPECT_THAT(AsOk("ada", "colophon history acme -n 1"), HasSubstr("Say help"));
  AsOk("ada", "colophon label acme/support/triage@staging v2 -m 'Try it'");
  const ShellResult released =
      As("ada", "colophon label acme/support/triage@production v2 -m 'Out with it'");
  EXPECT_EQ(released.exit_code, 7);
  EXPECT_THAT(released.output, HasSubstr("may not move label \"production\""));
  const ShellResult pushed =
      As("ada", "cd acme && " + git +
                    "pull -q && echo 'production: v2' >> support/triage.labels.yaml && " + git +
                    "commit -qam 'Out' && " + git + "push");
  EXPECT_NE(pushed.exit_code, 0);
  EXPECT_THAT(pushed.output, HasSubstr("remote: \"ada\" may not move label \"production\""));

  // The app calls and sees no records; the auditor sees who called, and doesn't call.
  AsOk("shop", "colophon complete acme/support/triage@staging --var message=Hi --caller boss");
  EXPECT_EQ(As("shop", "colophon records acme").exit_code, 7);
  EXPECT_THAT(AsOk("eve", "colophon records acme"), HasSubstr("shop"));
  EXPECT_EQ(As("eve", "colophon complete acme/support/triage@staging --var message=Hi").exit_code,
            7);

  // A key that leaked is ended by its text.
  EXPECT_THAT(AsOk("operator", fmt::format("colophon key revoke $(cat '{}')", dir() / "shop/key")),
              HasSubstr("of shop: nobody is let in"));
  EXPECT_THAT(As("shop", "colophon show acme/support/triage@staging").output,
              AllOf(HasSubstr("was revoked"), HasSubstr("`colophon login`")));
  EXPECT_FALSE(server().HasLogged(AsOk("ada", "cat key").substr(15, 32))) << "a key in the log";
}

}  // namespace
}  // namespace colophon
