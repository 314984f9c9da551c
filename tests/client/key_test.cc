// login, whoami, key: who an author or an operator is to a server.

#include <filesystem>
#include <fstream>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/client/cli_fixture.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class KeyTest : public CliTest {
 protected:
  void SetUp() override { PublishTriage(); }

  std::string home() const { return dir_ / "home"; }
  std::string WithHome() const { return fmt::format("XDG_CONFIG_HOME='{}'", home()); }
  std::string NewKey(const std::string& options) {
    std::string secret = RunOk("key create " + options);
    secret.pop_back();
    return secret;
  }
  void Write(const std::string& file, const std::string& text) {
    std::ofstream(dir_ / file) << text;
  }
};

TEST_F(KeyTest, OneIsMadeAndHoldsForWhatItGrants) {
  const std::string key = NewKey("--for shop --role caller -r acme -m 'The shop'");
  EXPECT_THAT(key, MatchesRegex("clp_[0-9A-Za-z]{10}_[0-9A-Za-z]{32}"));
  EXPECT_THAT(errors_, HasSubstr("lets callers in without a key, too: see require_keys"));
  const std::string as_shop = "COLOPHON_KEY=" + key;
  EXPECT_THAT(RunOk("whoami", as_shop), HasSubstr("caller\tshop\nkey\t"));
  EXPECT_THAT(RunOk("whoami", as_shop), HasSubstr("may\tcaller of acme\n"));
  RunOk("complete acme/support/triage --var message=Hi", as_shop);
  Run("records acme", as_shop);
  EXPECT_EQ(code_, 7);
  EXPECT_THAT(errors_, HasSubstr("\"shop\" may not read records of all of \"acme\""));
  EXPECT_THAT(RunOk("records acme"), HasSubstr("shop"));
  EXPECT_THAT(RunOk("key list"), HasSubstr("\tshop\tcaller of acme\t"));
}

TEST_F(KeyTest, SeveralRolesAndRepositoriesAddUp) {
  const std::string key = NewKey(
      "--for ada --role publisher --role releaser -r acme -r beta --prompts support/ "
      "--label staging --expires 90d");
  const std::string ada = RunOk("whoami", "COLOPHON_KEY=" + key);
  for (const char* grant :
       {"publisher of acme/support/", "publisher of beta/support/",
        "releaser of acme/support/ (staging)", "releaser of beta/support/ (staging)"}) {
    EXPECT_THAT(ada, HasSubstr(std::string("may\t") + grant + "\n"));
  }
  EXPECT_THAT(ada, HasSubstr("until\t20"));
  const std::string admin = NewKey("--for ops --role admin -r all");
  EXPECT_THAT(RunOk("whoami", "COLOPHON_KEY=" + admin), HasSubstr("admin of everything"));
}

// What is kept is for one server, and for its owner only.
TEST_F(KeyTest, LoginKeepsOneAndLogoutForgetsIt) {
  Write("key.txt", NewKey("--for shop --role reader -r acme") + "\n");
  EXPECT_THAT(RunOk("login < key.txt", WithHome()), HasSubstr("caller\tshop"));
  EXPECT_THAT(RunOk("whoami", WithHome()), HasSubstr("caller\tshop"));
  Run("publish prompts -r acme -m x", WithHome());
  EXPECT_EQ(code_, 7);
  const std::string file = home() + "/colophon/keys";
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms(0777),
            std::filesystem::perms(0600));
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  RunOk("whoami", WithHome());
  EXPECT_THAT(errors_, HasSubstr("others may read them; make them yours alone with chmod 600"));
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  EXPECT_THAT(RunOk("logout", WithHome()), HasSubstr("is forgotten here; it still holds"));
  EXPECT_THAT(RunOk("whoami", WithHome()), Not(HasSubstr("caller\tshop")));
  RunOk("logout", WithHome());
  EXPECT_THAT(errors_, HasSubstr("no key is kept"));
}

TEST_F(KeyTest, WhatIsNoKeyIsNotKept) {
  Write("key.txt", "sk-1234\n");
  Run("login < key.txt", WithHome());
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("no key of this server"));
  Write("key.txt", "clp_0123456789_01234567890123456789012345678901\n");
  Run("login < key.txt", WithHome());
  EXPECT_EQ(code_, 7);
  Write("key.txt", "\n");
  Run("login < key.txt", WithHome());
  EXPECT_THAT(errors_, HasSubstr("there is no key on standard input"));
  EXPECT_FALSE(std::filesystem::exists(home() + "/colophon/keys"));
}

// The variable goes before the program, the program before what is kept.
TEST_F(KeyTest, AKeyComesFromTheEnvironmentAProgramOrTheFile) {
  Write("kept.txt", NewKey("--for kept --role reader -r acme") + "\n");
  RunOk("login < kept.txt", WithHome());
  Write("printed.txt", NewKey("--for printed --role reader -r acme") + "\nsecond line\n");
  const std::string program =
      fmt::format("COLOPHON_KEY_COMMAND=\"cat '{}'\"", dir_ / "printed.txt");
  EXPECT_THAT(RunOk("whoami", WithHome() + " " + program), HasSubstr("caller\tprinted"));
  const std::string given = "COLOPHON_KEY=" + NewKey("--for given --role reader -r acme");
  EXPECT_THAT(RunOk("whoami", WithHome() + " " + program + " " + given),
              HasSubstr("caller\tgiven"));
  RunOk("whoami", WithHome() + " COLOPHON_KEY_COMMAND=false");
  EXPECT_THAT(errors_, HasSubstr("the program of COLOPHON_KEY_COMMAND failed"));
}

TEST_F(KeyTest, OneIsReplacedAndRevoked) {
  const std::string old_key = NewKey("--for shop --role reader -r acme");
  const std::string id = old_key.substr(4, 10);
  const std::string new_key = RunOk("key replace " + id + " --overlap 1d").substr(0, 47);
  EXPECT_THAT(RunOk("whoami", "COLOPHON_KEY=" + old_key), HasSubstr("until\t"));
  EXPECT_THAT(RunOk("whoami", "COLOPHON_KEY=" + new_key), HasSubstr("caller\tshop"));
  EXPECT_THAT(RunOk("key revoke " + new_key), HasSubstr("of shop: nobody is let in by it"));
  Run("whoami", "COLOPHON_KEY=" + new_key);
  EXPECT_EQ(code_, 7);
  EXPECT_THAT(errors_, HasSubstr("was revoked"));
  EXPECT_THAT(errors_, HasSubstr("`colophon login` keeps a key"));
  EXPECT_THAT(RunOk("key list"), Not(HasSubstr(new_key.substr(4, 10))));
  EXPECT_THAT(RunOk("key list --all"), HasSubstr(new_key.substr(4, 10)));
  EXPECT_THAT(OnTerminal("key list --all"), HasSubstr("revoked "));
}

TEST_F(KeyTest, WrongUseIsTold) {
  struct Case {
    const char* arguments;
    int code;
    const char* said;
  };
  const Case cases[] = {
      {"key", 2, "ACTION"},
      {"key make", 2, "make"},
      {"key create", 2, "say who calls with it and what it may do"},
      {"key create --for a --role king -r acme", 2, "king"},
      {"key create --for a --role reader -r Acme", 2, "key.grants[0].repository"},
      {"key create --for a --role reader -r acme --expires soon", 2, "soon"},
      {"key create x --for a --role reader -r acme", 2, "\"x\" is one more word"},
      {"key revoke", 2, "say which key"},
      {"key revoke nobody", 3, "there is no key \"nobody\""},
      {"key replace nobody", 3, "there is no key \"nobody\""},
  };
  for (const Case& wrong : cases) {
    Run(wrong.arguments);
    EXPECT_EQ(code_, wrong.code) << wrong.arguments << errors_;
    EXPECT_THAT(errors_, HasSubstr(wrong.said)) << wrong.arguments;
  }
}

}  // namespace
}  // namespace colophon
