// Differences of texts too large for libgit2: right whatever the texts are, and
// bounded in work. DiffVersions took 2.4 s for 800 KB of short random lines.

#include "service/registry/line_diff.h"

#include <fstream>
#include <random>

#include "fmt/format.h"
#include "tests/registry/fixture.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr DiffBudget kPlenty{.steps = 1'000'000'000, .bytes = 1'000'000'000};

// `from` with the differences made.
std::string Apply(const std::vector<std::string_view>& from,
                  const std::vector<std::string_view>& to,
                  const std::vector<LineDifference>& differences) {
  std::string text;
  int next = 0;
  for (const LineDifference& one : differences) {
    EXPECT_LE(next, one.from_begin);
    EXPECT_TRUE(one.from_begin < one.from_end || one.to_begin < one.to_end);
    for (; next < one.from_begin; ++next) text += from[next];
    for (int i = one.to_begin; i < one.to_end; ++i) text += to[i];
    next = one.from_end;
  }
  for (; next < std::ssize(from); ++next) text += from[next];
  return text;
}

// Lines in the longest common subsequence, by the book.
int LongestCommon(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  std::vector<std::vector<int>> table(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) {
      table[i + 1][j + 1] =
          a[i] == b[j] ? table[i][j] + 1 : std::max(table[i][j + 1], table[i + 1][j]);
    }
  }
  return table[a.size()][b.size()];
}

std::string RandomLines(std::mt19937& random, int count, int kinds) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("{}\n", random() % kinds);
  return text;
}

TEST(LineDiffTest, AsFewLinesAsPossibleDiffer) {
  std::mt19937 random(1);
  for (int round = 0; round < 2'000; ++round) {
    const int kinds = 1 + static_cast<int>(random() % 6);
    std::string from = RandomLines(random, static_cast<int>(random() % 20), kinds);
    std::string to = RandomLines(random, static_cast<int>(random() % 20), kinds);
    if (random() % 4 == 0 && !from.empty()) from.pop_back();
    if (random() % 4 == 0 && !to.empty()) to.pop_back();
    const auto a = SplitLines(from), b = SplitLines(to);
    DiffBudget budget = kPlenty;
    const auto differences = DiffLines(a, b, &budget);
    ASSERT_EQ(Apply(a, b, differences), to) << from << "---\n" << to;
    size_t differ = 0;
    for (const LineDifference& one : differences) {
      differ += one.from_end - one.from_begin + one.to_end - one.to_begin;
    }
    ASSERT_EQ(differ, a.size() + b.size() - 2 * LongestCommon(a, b)) << from << "---\n" << to;
  }
}

TEST(LineDiffTest, GitTakesTheHunks) {
  std::mt19937 random(2);
  TempDir directory;
  for (int round = 0; round < 60; ++round) {
    // Few kinds of lines, too: an edit may stand in several places.
    const std::string from =
        RandomLines(random, 60, round % 4 == 0 ? 2 : 1'000) + (round % 3 == 0 ? "end" : "");
    std::string to;
    for (const std::string_view line : SplitLines(from)) {
      const auto dice = random() % 12;
      if (dice == 0) to += "new\n";
      if (dice != 1) to += line;
    }
    if (round % 5 == 0) to += "and a last line";
    DiffBudget budget = kPlenty;
    if (round % 2 == 1) budget.steps = 5;
    const std::string patch =
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n" + *WriteHunks(from, to, &budget);
    std::ofstream(directory / "x") << from;
    std::ofstream(directory / "x.diff") << patch;
    const ShellResult applied =
        Shell(fmt::format("cd {} && git apply x.diff 2>&1 && cat x", directory.path()));
    EXPECT_EQ(applied.output, to) << patch;
  }
}

// Work is counted, and what it can't do is one replaced block.
TEST(LineDiffTest, StepsAreBounded) {
  std::mt19937 random(3);
  const std::string common = "first\n";
  for (const int kinds : {1, 2, 10, 1'000, 1'000'000}) {
    const std::string from = common + RandomLines(random, 50'000, kinds) + "last\n";
    const std::string to = common + RandomLines(random, 60'000, kinds) + "last\n";
    const auto a = SplitLines(from), b = SplitLines(to);
    DiffBudget budget{.steps = 100'000};
    const auto differences = DiffLines(a, b, &budget);
    EXPECT_GT(budget.steps, -50'001) << kinds;  // One slide may go beyond.
    EXPECT_EQ(Apply(a, b, differences), to) << kinds;
    if (kinds > 1) {
      ASSERT_EQ(differences.size(), 1u) << kinds;
      EXPECT_GE(differences[0].from_begin, 1);
    }
  }
}

// A few edits in a text of any size are told as such.
TEST(LineDiffTest, FewEditsOfALargeTextAreExact) {
  std::mt19937 random(4);
  const std::string from = RandomLines(random, 200'000, 10);
  std::string to = "new\n" + from + "new\n";
  to.insert(to.find('\n', to.size() / 2) + 1, "new\n");
  DiffBudget budget;
  const auto differences = DiffLines(SplitLines(from), SplitLines(to), &budget);
  EXPECT_EQ(differences.size(), 3u);
  EXPECT_GT(budget.steps, 0);
}

// What is the same around an edit costs neither lines nor steps.
TEST(LineDiffTest, OnlyWhatIsAroundAnEditIsCompared) {
  std::mt19937 random(6);
  const std::string from = RandomLines(random, 200'000, 10);
  const size_t middle = from.find('\n', from.size() / 2) + 1;
  std::string to = from;
  to.insert(middle, "new\n");
  DiffBudget budget;
  const DiffBudget before = budget;
  const auto hunks = WriteHunks(from, to, &budget);
  ASSERT_TRUE(hunks.has_value());
  const auto line = std::count(from.begin(), from.begin() + static_cast<ptrdiff_t>(middle), '\n');
  EXPECT_THAT(*hunks, StartsWith(fmt::format("@@ -{},6 +{},7 @@\n", line - 2, line - 2)));
  EXPECT_LT(before.bytes - budget.bytes, 100);
  EXPECT_LT(before.steps - budget.steps, 100);

  // Edits at both ends leave all between them to be looked at.
  budget.bytes = 100'000;
  EXPECT_EQ(WriteHunks(from, "new\n" + from + "new\n", &budget), std::nullopt);
}

class LargeDiffTest : public RegistryFixture {
 protected:
  absl::StatusOr<v1::DiffVersionsResponse> DiffLatestTwo(const std::string& prompt) {
    v1::DiffVersionsRequest request;
    request.set_before(prompt + "@v1");
    request.set_after(prompt + "@v2");
    return registry_->DiffVersions(request, Call());
  }
};

TEST_F(LargeDiffTest, APromptOfAMegabyteOfShortLinesDiffers) {
  std::mt19937 random(5);
  const std::string from = RandomLines(random, 400'000, 10), to = RandomLines(random, 400'000, 10);
  ASSERT_OK(Publish(Edit().Write("a.prompt", from)));
  ASSERT_OK(Publish(Edit().Write("a.prompt", to)));
  const auto diff = DiffLatestTwo("acme/a");
  ASSERT_OK(diff);
  EXPECT_LT(diff->ByteSizeLong(), size_t{4} << 20);
  std::ofstream(directory_ / "a.prompt") << from;
  std::ofstream(directory_ / "a.diff") << diff->unified_diff();
  EXPECT_EQ(Shell(fmt::format("cd {} && git apply a.diff 2>&1", directory_.path())).output, "");
  std::ifstream applied(directory_ / "a.prompt");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(applied), {}), to);
}

// More than an answer holds: the files are named, in a patch that is still one.
TEST_F(LargeDiffTest, ManyLargeFilesAreNamed) {
  const auto publish = [&](char c) {
    Edit edit;
    std::string prompt = "{{> p0}}";
    for (int i = 0; i < 6; ++i) {
      std::string text;
      for (int line = 0; line < 10'000; ++line) text += std::string(90, c) + "\n";
      edit.Write(fmt::format("_p{}.prompt", i),
                 text + (i < 5 ? fmt::format("{{{{> p{}}}}}", i + 1) : ""));
    }
    return Publish(edit.Write("a.prompt", prompt));
  };
  ASSERT_OK(publish('x'));
  ASSERT_OK(publish('y'));
  const auto diff = DiffLatestTwo("acme/a");
  ASSERT_OK(diff);
  EXPECT_LT(diff->ByteSizeLong(), size_t{4} << 20);
  EXPECT_THAT(diff->unified_diff(),
              AllOf(StartsWith("diff --git a/_p0.prompt b/_p0.prompt\nindex "),
                    HasSubstr("\n--- a/_p0.prompt\n+++ b/_p0.prompt\n@@ -1,10001 +1,10001 @@\n"),
                    EndsWith("Files a/_p5.prompt and b/_p5.prompt differ, 910000 bytes → 910000 "
                             "bytes: too large for a diff of these versions; get both\n")));
}

TEST_F(LargeDiffTest, FrontMatterOfAnySizeFits) {
  const std::string key(30'000, 'k');
  const auto prompt = [&](int value) {
    std::string text = "---\nmodel: echo/x\nconfig:\n  ? " + key + "\n  : {";
    for (int i = 0; i < 1'000; ++i) text += fmt::format("a{}: {}, ", i, value + i);
    return text + "}\n---\nHi\n";
  };
  ASSERT_OK(Publish(Edit().Write("a.prompt", prompt(0))));
  ASSERT_OK(Publish(Edit().Write("a.prompt", prompt(1))));
  const auto diff = DiffLatestTwo("acme/a");
  ASSERT_OK(diff);
  EXPECT_LT(diff->ByteSizeLong(), size_t{4} << 20);
}

}  // namespace
}  // namespace colophon
