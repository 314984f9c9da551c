#include "client/cli/word_diff.h"

#include "client/cli/git.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

TEST(WordDiffTest, MarksWordsAndKeepsTheirSpace) {
  const struct {
    const char* before;
    const char* after;
    const char* lines;
  } cases[] = {
      {"one two three\n", "one 2 three\n", "one [-two-]{+2+} three\n"},
      {"a b\n", "a  b\n", "a[- -]{+  +}b\n"},
      {"", "new\n", "{+new+}{+\\n+}\n"},
      {"a\nb\n", "a b\n", "a[-\\n-]{+ +}b\n"},
      {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
       "[-1-]{+x+}\n2\n3\n@@\n7\n8\n[-9-]{+y+}\n"},
      {"no end", "no End", "no [-end-]{+End+}\n"},
  };
  for (const auto& test : cases) {
    ASSERT_OK_AND_ASSIGN(const std::string diff, DiffWords("f", test.before, test.after));
    EXPECT_EQ(diff, std::string("--- a/f\n+++ b/f\n") + test.lines) << test.before;
  }
}

}  // namespace
}  // namespace colophon
