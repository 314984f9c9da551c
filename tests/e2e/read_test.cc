// `colophon read` in a terminal of 80 × 24, as over SSH: tmux shows what is on the screen.

#include <filesystem>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ReadTest : public E2eTest {
 protected:
  ReadTest() {
    Serve();
    PublishGreet();
    for (const char* text :
         {"The first answer.", "The second one is about a refund.", "The third."}) {
      ids_.push_back(CallGreet(text).record());
    }
  }
  ~ReadTest() override { Tmux("kill-server"); }

  std::string Tmux(const std::string& command) const {
    return Shell(fmt::format("tmux -f /dev/null -S {}/tmux {} 2>&1", dir().path(), command)).output;
  }
  // `before`: of the environment.
  void Open(const std::string& arguments, const std::string& before = "") {
    const std::string command = fmt::format(
        "{} HOME={} TERM=screen TZ=UTC COLOPHON_CALLER=ada COLOPHON_SERVER={} {} read "
        "acme {} 2>{}/errors; echo exit $? >{}/exit",
        before, dir().path(), server().address(), COLOPHON_PROGRAM, arguments, dir().path(),
        dir().path());
    WriteFile(dir() / "command", "unset XDG_STATE_HOME\n" + command + "\n");
    std::filesystem::remove(std::string(dir() / "exit"));
    EXPECT_EQ(Tmux(fmt::format("new-session -d -x 80 -y 24 'sh {}/command'", dir().path())), "");
  }
  std::string Screen() const { return Tmux("capture-pane -p"); }
  // The screen once it is so: it is drawn piece by piece.
  std::string AwaitThat(const testing::Matcher<std::string>& matcher) const {
    std::string screen;
    EXPECT_TRUE(Eventually([&] {
      screen = Screen();
      return matcher.Matches(screen);
    })) << testing::DescribeMatcher<std::string>(matcher)
        << "\n"
        << screen;
    return screen;
  }
  std::string Await(const std::string& text) const { return AwaitThat(HasSubstr(text)); }
  void Keys(const std::string& keys) const { EXPECT_EQ(Tmux("send-keys " + keys), ""); }
  void Quit() {
    Keys("q");
    const std::string exit = dir() / "exit";
    EXPECT_TRUE(Eventually(
        [&] { return std::filesystem::exists(exit) && ReadFileOrDie(exit).ends_with('\n'); }));
    EXPECT_EQ(ReadFileOrDie(exit), "exit 0\n") << ReadFileOrDie(dir() / "errors");
    // It ends with its last session: the next one is another server's.
    EXPECT_TRUE(Eventually([&] {
      return !std::filesystem::exists(std::string(dir() / "tmux")) || Tmux("has-session") != "";
    }));
  }

  std::vector<std::string> ids_;  // The oldest first.
};

TEST_F(ReadTest, ShowsOneOutputAScreenAndKeepsWhatIsSaidOfIt) {
  Open("");
  AwaitThat(AllOf(HasSubstr("The third."), HasSubstr("1/3  acme/support/greet@v1  ok"),
                  HasSubstr("▸ prompt: 1 message"), HasSubstr("n next  b back  p prompt"),
                  Not(HasSubstr("second"))));
  Keys("n");
  AwaitThat(AllOf(HasSubstr("2/3"), HasSubstr("The second one")));
  Keys("p");
  AwaitThat(AllOf(HasSubstr("--- user ---"), HasSubstr("The second one is about a refund.")));
  Keys("p");
  Keys("x");
  Await("quality=bad, note:");
  Keys("-l 'Zu kurz, é.'");
  Keys("Enter");
  Await("kept: quality=bad");
  Await("quality=bad by ada: Zu kurz, é.");
  Keys("g Escape");
  Keys("s");
  Await("NAME=VALUE:");
  Keys("-l 'right=true'");
  Keys("Enter");
  Await("kept: right=true");
  Keys("b");
  Await("1/3");
  Quit();

  v1::GetRecordRequest request;
  request.set_id(ids_[1]);
  ASSERT_OK_AND_ASSIGN(const auto got, client().GetRecord(request));
  ASSERT_EQ(got.record().scores_size(), 2);
  EXPECT_EQ(got.record().scores(0).word(), "bad");
  EXPECT_EQ(got.record().scores(0).note(), "Zu kurz, é.");
  EXPECT_EQ(got.record().scores(0).caller(), "ada");
  EXPECT_TRUE(got.record().scores(1).truth());
}

TEST_F(ReadTest, GoesOnWhereItStopped) {
  Open("--since 1h");
  Await("1/3");
  Keys("n n");
  Await("3/3");
  Quit();
  Open("--since 1h");
  AwaitThat(
      AllOf(HasSubstr("3/3"), HasSubstr("The first answer."), HasSubstr("where you stopped")));
  Keys("Home");
  Await("1/3");
  Quit();
  Open("--sort longest");
  AwaitThat(AllOf(HasSubstr("1/3"), HasSubstr("The second one")));
  Quit();
}

TEST_F(ReadTest, FindsTextInOutputsFurtherOn) {
  Open("");
  Await("1/3");
  Keys("/");
  Await("search the outputs:");
  Keys("-l FIRST");
  Keys("Enter");
  AwaitThat(AllOf(HasSubstr("3/3"), HasSubstr("The first answer.")));
  Keys("Home");
  Await("1/3");
  Keys("/");
  Await("search [FIRST]:");
  Keys("-l nothing");
  Keys("Enter");
  Await("no output from here on has \"nothing\"");
  Quit();
}

TEST_F(ReadTest, BlindSaysNothingOfTheVersionAndASampleStaysTheSame) {
  Open("--blind --sample 2 --seed 5");
  const std::string first = AwaitThat(AllOf(HasSubstr("1/2"), HasSubstr("q quit")));
  EXPECT_THAT(first, AllOf(Not(HasSubstr("@v1")), Not(HasSubstr("echo")), HasSubstr("variables")));
  Quit();
  Open("--blind --sample 2 --seed 5");
  AwaitThat(testing::Eq(first));
  Quit();
}

// A long output is read page by page, and follows the window's size.
TEST_F(ReadTest, ScrollsWhatIsLongerThanTheScreen) {
  std::string text;
  for (int i = 1; i <= 40; ++i) text += fmt::format("line {}\n", i);
  CallGreet(text + "the end");
  Open("", "LC_ALL=C");
  AwaitThat(AllOf(HasSubstr("1/4"), HasSubstr("line 1\n"), Not(HasSubstr("the end")),
                  HasSubstr("▾ 22 lines more")));
  Keys("Space");
  Keys("Space");
  AwaitThat(AllOf(HasSubstr("the end"), Not(HasSubstr("line 1\n"))));
  Keys("PPage PPage");
  Await("line 1\n");
  Tmux("resize-window -x 60 -y 10");
  AwaitThat(AllOf(HasSubstr("▾ 36 lines more"), HasSubstr("n next  b back")));
  Keys("Space Space Space Space Space Space Space");
  Await("2/4");
  Quit();
}

TEST_F(ReadTest, NeedsATerminal) {
  const ShellResult result = Shell(
      fmt::format("COLOPHON_SERVER={} {} read acme 2>&1", server().address(), COLOPHON_PROGRAM));
  EXPECT_THAT(result.output, HasSubstr("read needs a terminal"));
  EXPECT_EQ(result.exit_code, 5);
}

}  // namespace
}  // namespace colophon
