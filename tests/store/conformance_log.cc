// The log: a leaf for each row that is to be proved, in the order they were
// written.

#include <algorithm>

#include "tests/store/conformance.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;

// "change 1", "intent ID", "outcome ID".
std::vector<std::string> NamesOf(const std::vector<LogLeaf>& leaves) {
  std::vector<std::string> names;
  for (const LogLeaf& leaf : leaves) {
    switch (leaf.kind) {
      case LeafKind::kChange:
        names.push_back("change " + std::to_string(leaf.sequence));
        break;
      case LeafKind::kIntent:
        names.push_back("intent " + leaf.record_id);
        break;
      case LeafKind::kOutcome:
        names.push_back("outcome " + leaf.record_id);
        break;
    }
  }
  return names;
}

TEST_P(StoreConformance, TheLogHasALeafForEachChangeIntentAndOutcome) {
  PublishSome();
  ASSERT_OK(Commit(history_.Draft("try", "Sort this ticket differently.")));
  const std::string closed = AddRecord(MakeIntent("acme"), MakeOutcome());
  v1::Record whole;
  whole.set_id(NewId());
  *whole.mutable_intent() = MakeIntent("acme");
  *whole.mutable_outcome() = MakeOutcome();
  ASSERT_OK(AppendRecord(whole));
  const std::string open = NewId();
  ASSERT_OK(AppendIntent(open, MakeIntent("acme")));

  EXPECT_EQ(store().GetLogSize("acme").value(), 8);
  ASSERT_OK_AND_ASSIGN(const std::vector<LogLeaf> leaves, store().ListLeaves("acme", 0, 100));
  EXPECT_THAT(NamesOf(leaves), ElementsAre("change 1", "change 2", "change 3", "intent " + closed,
                                           "outcome " + closed, "intent " + whole.id(),
                                           "outcome " + whole.id(), "intent " + open));
  ExpectWhole();

  Reopen();
  EXPECT_EQ(store().GetLogSize("acme").value(), 8);
  EXPECT_EQ(store().ListLeaves("acme", 0, 100).value(), leaves);
  ASSERT_OK(AppendOutcome(open, MakeOutcome()));
  EXPECT_EQ(NamesOf(store().ListLeaves("acme", 8, 100).value()),
            std::vector<std::string>{"outcome " + open});
  ExpectWhole();
}

TEST_P(StoreConformance, LeavesAreReadInAnyRange) {
  PublishSome();
  for (int i = 0; i < 3; ++i) AddRecord(MakeIntent("acme"), MakeOutcome());
  ASSERT_OK_AND_ASSIGN(const std::vector<LogLeaf> all, store().ListLeaves("acme", 0, 100));
  ASSERT_EQ(all.size(), 9u);
  for (size_t from = 0; from <= all.size() + 1; ++from) {
    for (size_t limit = 0; limit <= all.size(); ++limit) {
      const size_t begin = std::min(from, all.size());
      const size_t end = std::min(begin + limit, all.size());
      EXPECT_EQ(
          store().ListLeaves("acme", static_cast<int64_t>(from), static_cast<int>(limit)).value(),
          std::vector<LogLeaf>(all.begin() + static_cast<int64_t>(begin),
                               all.begin() + static_cast<int64_t>(end)))
          << from << " " << limit;
    }
  }
}

TEST_P(StoreConformance, WhatIsRefusedHasNoLeaf) {
  PublishSome();
  const std::string id = AddRecord(MakeIntent("acme"), MakeOutcome());
  EXPECT_FALSE(AppendOutcome(id, MakeOutcome()).ok());
  EXPECT_FALSE(AppendIntent(id, MakeIntent("acme")).ok());
  EXPECT_EQ(store().GetLogSize("acme").value(), 5);
}

TEST_P(StoreConformance, EachRepositoryHasALogOfItsOwn) {
  PublishSome();
  ASSERT_OK(CreateRepository("acm"));
  EXPECT_EQ(store().GetLogSize("acm").value(), 0);
  EXPECT_THAT(store().ListLeaves("acm", 0, 100).value(), IsEmpty());
  const std::string id = NewId();
  ASSERT_OK(AppendIntent(id, MakeIntent("acm")));
  EXPECT_EQ(NamesOf(store().ListLeaves("acm", 0, 100).value()),
            std::vector<std::string>{"intent " + id});
  EXPECT_EQ(store().GetLogSize("acme").value(), 3);
  EXPECT_THAT(store().GetLogSize("ghost"), ErrorIs(kNotFound, "REPOSITORY_NOT_FOUND"));
  EXPECT_THAT(store().ListLeaves("ghost", 0, 1), ErrorIs(kNotFound, "REPOSITORY_NOT_FOUND"));
}

TEST_P(StoreConformance, ALeafIsAHashOfContentAndOfWhatItIs) {
  PublishSome();
  const std::string first = AddRecord(MakeIntent("acme"), MakeOutcome());
  const std::string second = AddRecord(MakeIntent("acme"), MakeOutcome(v1::RECORD_STATUS_OK, "x"));
  ASSERT_OK_AND_ASSIGN(const std::vector<LogLeaf> leaves, store().ListLeaves("acme", 3, 4));
  ASSERT_EQ(leaves.size(), 4u);
  // The same intent twice, under two ids.
  EXPECT_NE(leaves[0].hash, leaves[2].hash);
  EXPECT_NE(leaves[1].hash, leaves[3].hash);
}

}  // namespace
}  // namespace colophon
