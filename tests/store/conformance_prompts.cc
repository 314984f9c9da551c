// Store: git objects, prompts, versions, labels.

#include <limits>

#include "fmt/format.h"
#include "tests/store/conformance.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kNow = std::numeric_limits<int64_t>::max();

std::vector<uint32_t> NumbersOf(const std::vector<v1::Version>& versions) {
  std::vector<uint32_t> numbers;
  for (const v1::Version& version : versions) numbers.push_back(version.version());
  return numbers;
}

// "support/triage@production=1", without the repository.
std::vector<std::string> Describe(const std::vector<v1::Label>& labels) {
  std::vector<std::string> texts;
  for (const v1::Label& label : labels) {
    texts.push_back(
        fmt::format("{}={}", label.name().substr(5), label.targets().targets(0).version()));
  }
  return texts;
}

TEST_P(StoreConformance, KeepsObjectsOfEveryTypeAndSize) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string tagged(40, 'a');
  ChangeTransaction transaction{
      .repository = "acme",
      .objects = {MakeObject(ObjectType::kBlob, ""),
                  MakeObject(ObjectType::kBlob, std::string("\0\xff\n", 3)),
                  MakeObject(ObjectType::kBlob, std::string(5 << 20, 'x')),
                  MakeObject(ObjectType::kTree, ""),
                  MakeObject(ObjectType::kTag, "object " + tagged + "\ntype commit\n"),
                  MakeObject(ObjectType::kCommit, "tree " + tagged + "\nauthor A <a> 0 +0000\n")}};
  ASSERT_OK(Commit(transaction));
  Reopen();
  for (const Object& object : transaction.objects) {
    EXPECT_TRUE(store().HasObject("acme", object.id).value());
    ASSERT_OK_AND_ASSIGN(const Object found, store().GetObject("acme", object.id));
    EXPECT_EQ(found.id, object.id);
    EXPECT_EQ(found.type, object.type);
    EXPECT_EQ(found.data, object.data);
  }
}

TEST_P(StoreConformance, ObjectIdsAreGits) {
  EXPECT_EQ(MakeObject(ObjectType::kBlob, "").id.hex(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_EQ(MakeObject(ObjectType::kTree, "").id.hex(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}

TEST_P(StoreConformance, FindsObjectsByPrefix) {
  PublishSome();
  const ObjectId main = history_.main();
  for (const size_t digits : {7u, 8u, 39u, 40u}) {
    EXPECT_THAT(store().FindObjects("acme", main.hex().substr(0, digits), 10).value(),
                ElementsAre(main));
  }
  ASSERT_OK_AND_ASSIGN(const auto all, store().FindObjects("acme", "", 1000));
  EXPECT_GE(all.size(), 10u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_EQ(store().FindObjects("acme", "", 3)->size(), 3u);
  EXPECT_THAT(store().FindObjects("acme", "0000000000", 10).value(), IsEmpty());
}

TEST_P(StoreConformance, RefusesAPrefixThatIsNotHex) {
  PublishSome();
  for (const std::string prefix :
       {"xyz", "AB", "g", "abG", "0123456789012345678901234567890123456789a"}) {
    EXPECT_THAT(store().FindObjects("acme", prefix, 10),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_OBJECT_ID", HasSubstr(prefix)));
  }
}

TEST_P(StoreConformance, ListsPromptRowsByPathWithEveryField) {
  PublishSome();
  ASSERT_OK(Commit(history_.Archive("support/reply")));
  ASSERT_OK_AND_ASSIGN(const auto rows, store().ListPrompts("acme"));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].prompt, "support/reply");
  EXPECT_TRUE(rows[0].archived);
  EXPECT_EQ(rows[0].update_time, History::TimeOf(4));
  EXPECT_EQ(rows[1].prompt, "support/triage");
  EXPECT_FALSE(rows[1].archived);
  EXPECT_EQ(rows[1].latest_version, 2u);
  EXPECT_EQ(rows[1].digest.size(), 64u);
  EXPECT_THAT(rows[1].dependencies, ElementsAre("support/_tone.prompt"));
  EXPECT_THAT(rows[1].names, ElementsAre("partial:tone", "schema:ticket"));
}

TEST_P(StoreConformance, GivesBackAVersionAsItWasWritten) {
  ASSERT_OK(CreateRepository("acme"));
  const ChangeTransaction transaction = history_.Publish({{"support/triage", "Sort."}});
  ASSERT_OK(Commit(transaction));
  ASSERT_OK_AND_ASSIGN(const v1::Version version, store().GetVersion("acme", "support/triage", 1));
  EXPECT_EQ(version.SerializeAsString(), transaction.versions[0].SerializeAsString());
}

TEST_P(StoreConformance, ListsVersionsNewestFirstInPages) {
  ASSERT_OK(CreateRepository("acme"));
  for (int i = 0; i < 5; ++i) {
    ASSERT_OK(Commit(history_.Publish({{"a", fmt::format("{}", i)}, {"a/b", "x"}})));
  }
  const struct {
    uint32_t before;
    int limit;
    std::vector<uint32_t> expected;
  } cases[] = {{0, 10, {5, 4, 3, 2, 1}},
               {0, 2, {5, 4}},
               {4, 2, {3, 2}},
               {2, 2, {1}},
               {1, 2, {}},
               {100, 1, {5}}};
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const auto versions, store().ListVersions("acme", "a", c.before, c.limit));
    EXPECT_EQ(NumbersOf(versions), c.expected) << c.before << " " << c.limit;
  }
  EXPECT_THAT(store().ListVersions("acme", "none", 0, 10).value(), IsEmpty());
}

TEST_P(StoreConformance, FindsTheVersionOfASequence) {
  PublishSome();
  EXPECT_EQ(store().GetVersionAt("acme", "support/triage", 1)->version(), 1u);
  EXPECT_EQ(store().GetVersionAt("acme", "support/triage", 2)->version(), 2u);
  EXPECT_EQ(store().GetVersionAt("acme", "support/triage", kNow)->version(), 2u);
  EXPECT_EQ(store().GetVersionAt("acme", "support/reply", 3)->version(), 1u);
  for (const int64_t before : {int64_t{0}, int64_t{-1}}) {
    EXPECT_THAT(store().GetVersionAt("acme", "support/triage", before),
                ErrorIs(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND"));
  }
}

TEST_P(StoreConformance, AnswersLabelsAtAnySequence) {
  PublishSome();
  ASSERT_OK(Commit(history_.MoveLabel("support/triage", "production", 2)));  // 4
  ASSERT_OK(Commit(history_.MoveLabel("support/reply", "beta", 1)));         // 5
  ASSERT_OK(Commit(history_.MoveLabel("support/triage", "production", 0)));  // 6
  ASSERT_OK(Commit(history_.MoveLabel("support/triage", "canary", 2)));      // 7
  const struct {
    int64_t sequence;
    std::vector<std::string> all;
    std::vector<std::string> of_triage;
  } cases[] = {
      {0, {}, {}},
      {2, {}, {}},
      {3, {"support/triage@production=1"}, {"support/triage@production=1"}},
      {4, {"support/triage@production=2"}, {"support/triage@production=2"}},
      {5, {"support/reply@beta=1", "support/triage@production=2"}, {"support/triage@production=2"}},
      {6, {"support/reply@beta=1"}, {}},
      {7, {"support/reply@beta=1", "support/triage@canary=2"}, {"support/triage@canary=2"}},
      {kNow, {"support/reply@beta=1", "support/triage@canary=2"}, {"support/triage@canary=2"}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Describe(store().ListLabels("acme", "", c.sequence).value()), c.all) << c.sequence;
    EXPECT_EQ(Describe(store().ListLabels("acme", "support/triage", c.sequence).value()),
              c.of_triage)
        << c.sequence;
  }
}

// A page of a list reads what is on it, wherever it begins.
TEST_P(StoreConformance, ListsPromptsAndLabelsFromAnyPlace) {
  ASSERT_OK(CreateRepository("acme"));
  ASSERT_OK(Commit(history_.Publish({{"a", "1"}, {"a/b", "1"}, {"a-b", "1"}, {"b", "1"}})));
  ASSERT_OK(Commit(history_.MoveLabel("a", "x", 1)));
  ASSERT_OK(Commit(history_.MoveLabel("a", "x-y", 1)));
  ASSERT_OK(Commit(history_.MoveLabel("a", "x", 1)));
  ASSERT_OK(Commit(history_.MoveLabel("b", "x", 1)));
  const auto prompts = [&](const std::string& after, int limit) {
    std::vector<std::string> names;
    const auto rows = store().ListPrompts("acme", after, limit);
    for (const PromptRow& row : rows.value()) names.push_back(row.prompt);
    return names;
  };
  EXPECT_THAT(prompts("", 2), ElementsAre("a", "a-b"));
  EXPECT_THAT(prompts("a", 10), ElementsAre("a-b", "a/b", "b"));
  EXPECT_THAT(prompts("a.", 1), ElementsAre("a/b"));
  EXPECT_THAT(prompts("b", 10), IsEmpty());
  const auto labels = [&](const LabelRange& range) {
    return Describe(store().ListLabels("acme", "", kNow, range).value());
  };
  EXPECT_THAT(labels({.limit = 2}), ElementsAre("a@x=1", "a@x-y=1"));
  EXPECT_THAT(labels({.after_prompt = "a", .after_label = "x"}), ElementsAre("a@x-y=1", "b@x=1"));
  EXPECT_THAT(labels({.after_prompt = "a", .after_label = "x-y", .limit = 1}),
              ElementsAre("b@x=1"));
  EXPECT_THAT(labels({.after_prompt = "b", .after_label = "x"}), IsEmpty());
  EXPECT_THAT(Describe(store()
                           .ListLabels("acme", "a", kNow,
                                       {.after_prompt = "a", .after_label = "x", .limit = 9})
                           .value()),
              ElementsAre("a@x-y=1"));
}

TEST_P(StoreConformance, ALabelIsOfItsPromptOnly) {
  ASSERT_OK(CreateRepository("acme"));
  ASSERT_OK(Commit(history_.Publish({{"a", "1"}, {"a/b", "1"}, {"a-b", "1"}})));
  ASSERT_OK(Commit(history_.MoveLabel("a/b", "x", 1)));
  ASSERT_OK(Commit(history_.MoveLabel("a-b", "y", 1)));
  EXPECT_THAT(store().ListLabels("acme", "a", kNow).value(), IsEmpty());
  EXPECT_THAT(Describe(store().ListLabels("acme", "a/b", kNow).value()), ElementsAre("a/b@x=1"));
}

TEST_P(StoreConformance, AWeightedLabelKeepsItsTargets) {
  PublishSome();
  ChangeTransaction transaction = history_.MoveLabel("support/triage", "split", 1);
  transaction.labels[0].mutable_targets()->mutable_targets(0)->set_weight(90);
  v1::LabelTarget* const second = transaction.labels[0].mutable_targets()->add_targets();
  second->set_version(2);
  second->set_weight(10);
  ASSERT_OK(Commit(transaction));
  ASSERT_OK_AND_ASSIGN(const auto labels, store().ListLabels("acme", "support/triage", kNow));
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[1].SerializeAsString(), transaction.labels[0].SerializeAsString());
}

}  // namespace
}  // namespace colophon
