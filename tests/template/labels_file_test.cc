#include "service/template/prompt/labels_file.h"

#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

v1::LabelTargets Targets(const std::vector<std::pair<uint32_t, uint32_t>>& shares) {
  v1::LabelTargets targets;
  for (const auto& [version, weight] : shares) {
    v1::LabelTarget* const target = targets.add_targets();
    target->set_version(version);
    target->set_weight(weight);
  }
  return targets;
}

TEST(LabelsFileTest, ReadsWhatItWrites) {
  const prompt::LabelMap labels = {{"production", Targets({{12, 0}})},
                                   {"staging", Targets({{12, 90}, {13, 10}})},
                                   {"1.0", Targets({{1, 0}})},
                                   {"true", Targets({{2, 0}})}};
  const std::string text = prompt::WriteLabelsFile(labels);
  EXPECT_EQ(text,
            "\"1.0\": v1\n"
            "production: v12\n"
            "staging: {v12: 90, v13: 10}\n"
            "\"true\": v2\n");
  std::vector<v1::Diagnostic> diagnostics;
  const auto read = prompt::ParseLabelsFile("a.labels.yaml", text, &diagnostics);
  ASSERT_TRUE(read.has_value()) << diagnostics[0].message();
  EXPECT_EQ(prompt::WriteLabelsFile(*read), text);
}

TEST(LabelsFileTest, ReadsWhatPeopleWrite) {
  std::vector<v1::Diagnostic> diagnostics;
  const auto labels = prompt::ParseLabelsFile("a.labels.yaml",
                                              "# who gets what\n"
                                              "staging:\n  v13: 10\n  v12: 90\n"
                                              "production: 'v12'   # stable\n",
                                              &diagnostics);
  ASSERT_TRUE(labels.has_value());
  EXPECT_EQ(prompt::TargetsText(labels->at("staging")), "{v12: 90, v13: 10}");
  EXPECT_EQ(prompt::TargetsText(labels->at("production")), "v12");
  EXPECT_TRUE(prompt::ParseLabelsFile("a.labels.yaml", "", &diagnostics)->empty());
}

TEST(LabelsFileTest, NamesTheLineAndTheRule) {
  struct Case {
    const char* text;
    int line;
    const char* message;
  };
  const Case cases[] = {
      {"production: v12\nlatest: v1\n", 2, "kept by the service"},
      {"v1: v1\n", 1, "is a version"},
      {"a: v1\nProd: v1\n", 2, "bad label \"Prod\""},
      {"a: v0\n", 1, "bad version \"v0\""},
      {"a: 12\n", 1, "bad version \"12\""},
      {"a: v012\n", 1, "bad version"},
      {"a: v99999999999\n", 1, "bad version"},
      {"a:\n", 1, "must be v12"},
      {"a: [v1, v2]\n", 1, "must be v12"},
      {"a: {v1: 0, v2: 1}\n", 1, "bad weight \"0\""},
      {"a: {v1: 10001, v2: 1}\n", 1, "bad weight"},
      {"a: {v1: x, v2: 1}\n", 1, "bad weight \"x\""},
      {"a: {v1: 1, v1: 1}\n", 1, "v1 stands twice"},
      {"a: {}\n", 1, "points to nothing"},
      {"a: v1\na: v2\n", 2, "stands twice"},
      // What yaml-cpp would take for the end of the file, and drop the rest.
      {"a: v1\n---\nb: v2\n", 2, "a second document begins here: a labels file is one"},
      {"a: v1\n...\nb: v2\n", 3, "second document"},
      {"a: v1\r\n--- {b: v2}\r\n", 2, "second document"},
      {"a: v1\n\x04\nb: v2\n", 2, "control character U+0004"},
      {"- a\n", 1, "label: v12"},
      {"a: {v1: 1\n", 0, "not YAML"},
      {"a: v1\n\tb: v2\n", 0, "not YAML"},
      {"? [a, b]\n: v1\n", 1, "plain word"},
  };
  for (const Case& c : cases) {
    std::vector<v1::Diagnostic> diagnostics;
    EXPECT_FALSE(prompt::ParseLabelsFile("a.labels.yaml", c.text, &diagnostics).has_value())
        << c.text;
    ASSERT_FALSE(diagnostics.empty()) << c.text;
    EXPECT_EQ(diagnostics[0].path(), "a.labels.yaml");
    EXPECT_THAT(diagnostics[0].message(), HasSubstr(c.message)) << c.text;
    if (c.line > 0) {
      EXPECT_EQ(diagnostics[0].line(), c.line) << c.text;
    }
  }
  std::vector<v1::Diagnostic> diagnostics;
  EXPECT_FALSE(prompt::ParseLabelsFile("a", std::string(100'000, '['), &diagnostics).has_value());
  EXPECT_FALSE(prompt::ParseLabelsFile("a", std::string(60'000, '['), &diagnostics).has_value());
}

TEST(TargetsTest, AreSortedAndCheckedOnce) {
  EXPECT_EQ(prompt::TargetsText(*prompt::NormalTargets(Targets({{13, 10}, {12, 90}}))),
            "{v12: 90, v13: 10}");
  EXPECT_TRUE(prompt::EqualTargets(*prompt::NormalTargets(Targets({{1, 100}})),
                                   *prompt::NormalTargets(Targets({{1, 0}}))));
  std::vector<std::pair<uint32_t, uint32_t>> many;
  for (uint32_t i = 1; i <= 17; ++i) many.emplace_back(i, 1);
  const std::vector<std::pair<uint32_t, uint32_t>> cases[] = {
      many, {{1, 1}, {1, 1}}, {{1, 0}, {2, 1}}, {{1, 10001}}, {{1, 10001}, {2, 1}}};
  for (const auto& targets : cases) {
    EXPECT_THAT(prompt::NormalTargets(Targets(targets)),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_TARGETS"));
  }
}

}  // namespace
}  // namespace colophon
