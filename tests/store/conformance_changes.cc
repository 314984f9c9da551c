// Store: repositories, changes, refs.

#include <limits>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/store/change_pages.h"
#include "tests/store/conformance.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;

std::vector<int64_t> SequencesOf(const std::vector<v1::Change>& changes) {
  std::vector<int64_t> sequences;
  for (const v1::Change& change : changes) sequences.push_back(change.sequence());
  return sequences;
}

std::vector<std::string> NamesOf(const std::vector<Ref>& refs) {
  std::vector<std::string> names;
  for (const Ref& ref : refs) names.push_back(ref.name);
  return names;
}

TEST_P(StoreConformance, AnEmptyStoreHasNoRepositories) {
  ASSERT_OK_AND_ASSIGN(const auto repositories, store().ListRepositories());
  EXPECT_THAT(repositories, IsEmpty());
  ExpectWhole();
}

TEST_P(StoreConformance, ListsRepositoriesByName) {
  for (const char* name : {"beta", "acme", "acme-2"}) ASSERT_OK(CreateRepository(name));
  ASSERT_OK_AND_ASSIGN(const auto repositories, store().ListRepositories());
  ASSERT_EQ(repositories.size(), 3u);
  EXPECT_THAT(repositories[0], EqualsProto("name: \"acme\" create_time { seconds: 1800000000 }"));
  EXPECT_EQ(repositories[1].name(), "acme-2");
  EXPECT_EQ(repositories[2].name(), "beta");
}

TEST_P(StoreConformance, ARepositoryShowsItsSequenceAndHead) {
  PublishSome();
  ASSERT_OK_AND_ASSIGN(const auto repositories, store().ListRepositories());
  ASSERT_EQ(repositories.size(), 1u);
  EXPECT_EQ(repositories[0].sequence(), 3);
  EXPECT_EQ(repositories[0].commit(), history_.main().hex());
}

TEST_P(StoreConformance, RefusesARepositoryThatExists) {
  ASSERT_OK(CreateRepository("acme"));
  EXPECT_THAT(CreateRepository("acme"), ErrorIs(absl::StatusCode::kAlreadyExists,
                                                "REPOSITORY_EXISTS", HasSubstr("\"acme\"")));
  Reopen();
  EXPECT_THAT(CreateRepository("acme"),
              ErrorIs(absl::StatusCode::kAlreadyExists, "REPOSITORY_EXISTS"));
}

TEST_P(StoreConformance, OneOfTwoCreationsHandedOverTogetherIsRefused) {
  absl::Status first = Internal("not done");
  store().CreateRepository("acme", History::TimeOf(0), [&](absl::Status s) { first = s; });
  EXPECT_THAT(CreateRepository("acme"),
              ErrorIs(absl::StatusCode::kAlreadyExists, "REPOSITORY_EXISTS"));
  EXPECT_OK(first);
}

TEST_P(StoreConformance, GivesBackAChangeAsItWasWritten) {
  ASSERT_OK(CreateRepository("acme"));
  const ChangeTransaction transaction = history_.Publish({{"support/triage", "Sort."}});
  ASSERT_OK(Commit(transaction));
  ASSERT_OK_AND_ASSIGN(const v1::Change change, store().GetChange("acme", 1));
  EXPECT_EQ(change.SerializeAsString(), transaction.change->SerializeAsString());
}

// A change of one partial may publish every prompt there is.
TEST_P(StoreConformance, AWideChangeIsReadInPages) {
  ASSERT_OK(CreateRepository("acme"));
  ChangeTransaction transaction = history_.Publish({{"a", "b"}});
  constexpr int kPaths = 10'000;
  transaction.change->clear_paths();
  for (int i = 0; i < kPaths; ++i) {
    transaction.change->add_paths(fmt::format("{}{:05}", std::string(100, 'p'), i));
  }
  ASSERT_OK(Commit(transaction));
  for (int opened = 0; opened < 2; ++opened) {
    ASSERT_OK_AND_ASSIGN(v1::Change page, store().GetChange("acme", 1));
    v1::Change whole = page;
    uint32_t pages = 1;
    for (; !page.next_page_token().empty() && pages < 100; ++pages) {
      EXPECT_LT(page.ByteSizeLong(), 2 * kChangePageBytes);
      EXPECT_EQ(page.next_page_token(), std::to_string(pages + 1));
      ASSERT_OK_AND_ASSIGN(page, store().GetChangePage("acme", 1, pages + 1));
      EXPECT_EQ(page.commit(), transaction.change->commit());
      whole.mutable_paths()->MergeFrom(page.paths());
    }
    EXPECT_GT(pages, 3u);
    EXPECT_THAT(whole.paths(), testing::ElementsAreArray(transaction.change->paths()));
    ASSERT_OK_AND_ASSIGN(const auto list, store().ListChanges("acme", 1, 1, 10));
    ASSERT_EQ(list.size(), 1u);
    EXPECT_LT(list[0].ByteSizeLong(), 2 * kChangePageBytes);
    EXPECT_THAT(store().GetChangePage("acme", 1, pages + 1),
                ErrorIs(kNotFound, "CHANGE_PAGE_NOT_FOUND"));
    EXPECT_THAT(store().GetChangePage("acme", 2, 2), ErrorIs(kNotFound, "CHANGE_NOT_FOUND"));
    EXPECT_THAT(store().GetChangePage("nobody", 1, 2), ErrorIs(kNotFound, "REPOSITORY_NOT_FOUND"));
    ExpectWhole();
    Reopen();
  }
}

TEST_P(StoreConformance, AListOfLargeChangesIsShorterThanAsked) {
  ASSERT_OK(CreateRepository("acme"));
  constexpr int kChanges = 40;
  for (int i = 0; i < kChanges; ++i) {
    ChangeTransaction transaction = history_.Publish({{"a", std::to_string(i)}});
    for (int path = 0; path < 1'000; ++path) {
      transaction.change->add_paths(std::string(200, 'p') + std::to_string(path));
    }
    ASSERT_OK(Commit(std::move(transaction)));
  }
  for (const int step : {1, -1}) {
    int64_t next = step > 0 ? 1 : kChanges;
    int seen = 0;
    while (seen < kChanges) {
      ASSERT_OK_AND_ASSIGN(const auto changes, store().ListChanges("acme", next, step, kChanges));
      ASSERT_FALSE(changes.empty());
      EXPECT_LT(changes.size(), 15u);
      for (const v1::Change& change : changes) {
        ASSERT_EQ(change.sequence(), next);
        next += step;
        ++seen;
      }
    }
  }
}

TEST_P(StoreConformance, MissingThingsOfTheRegistryAreNotFound) {
  PublishSome();
  const ObjectId no_commit(std::array<uint8_t, 20>{1});
  const struct {
    absl::Status status;
    const char* reason;
  } cases[] = {
      {store().GetChange("acme", 4).status(), "CHANGE_NOT_FOUND"},
      {store().GetChange("acme", 0).status(), "CHANGE_NOT_FOUND"},
      {store().GetChange("nobody", 1).status(), "REPOSITORY_NOT_FOUND"},
      {store().ListChanges("nobody", 1, 1, 10).status(), "REPOSITORY_NOT_FOUND"},
      {store().FindSequence("acme", no_commit).status(), "COMMIT_NOT_FOUND"},
      {store().FindSequence("nobody", no_commit).status(), "REPOSITORY_NOT_FOUND"},
      {store().FindSequence("nobody", absl::Now(), absl::InfiniteFuture()).status(),
       "REPOSITORY_NOT_FOUND"},
      {store().GetRequest("nobody", "r1").status(), "REPOSITORY_NOT_FOUND"},
      {store().ListRefs("nobody", "").status(), "REPOSITORY_NOT_FOUND"},
      {store().ListPrompts("nobody").status(), "REPOSITORY_NOT_FOUND"},
      {store().ListLabels("nobody", "", 1).status(), "REPOSITORY_NOT_FOUND"},
      {store().ListVersions("nobody", "support/triage", 0, 9).status(), "REPOSITORY_NOT_FOUND"},
      {store().GetVersion("nobody", "support/triage", 1).status(), "REPOSITORY_NOT_FOUND"},
      {store().GetVersion("acme", "support/triage", 3).status(), "VERSION_NOT_FOUND"},
      {store().GetVersion("acme", "support", 1).status(), "VERSION_NOT_FOUND"},
      {store().GetVersionAt("acme", "support/reply", 1).status(), "VERSION_NOT_FOUND"},
      {store().GetObject("acme", no_commit).status(), "OBJECT_NOT_FOUND"},
      {store().GetObject("nobody", no_commit).status(), "REPOSITORY_NOT_FOUND"},
      {store().HasObject("nobody", no_commit).status(), "REPOSITORY_NOT_FOUND"},
      {store().FindObjects("nobody", "ab", 1).status(), "REPOSITORY_NOT_FOUND"},
      {Commit(History("nobody").Publish({{"a", "b"}})), "REPOSITORY_NOT_FOUND"},
  };
  for (const auto& c : cases) EXPECT_THAT(c.status, ErrorIs(kNotFound, c.reason));
}

TEST_P(StoreConformance, ListsChangesBothWays) {
  PublishSome();
  const struct {
    int64_t from;
    int step;
    int limit;
    std::vector<int64_t> expected;
  } cases[] = {
      {1, 1, 10, {1, 2, 3}},
      {0, 1, 2, {1, 2}},
      {2, 1, 10, {2, 3}},
      {4, 1, 10, {}},
      {3, -1, 10, {3, 2, 1}},
      {2, -1, 1, {2}},
      {std::numeric_limits<int64_t>::max(), -1, 2, {3, 2}},
      {0, -1, 10, {}},
      {-5, 1, 1, {1}},
      {1, 1, 0, {}},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const auto changes, store().ListChanges("acme", c.from, c.step, c.limit));
    EXPECT_EQ(SequencesOf(changes), c.expected) << c.from << " " << c.step << " " << c.limit;
  }
}

TEST_P(StoreConformance, FindsTheChangeOfATime) {
  PublishSome();
  const absl::Duration second = absl::Seconds(1);
  EXPECT_THAT(
      store().FindSequence("acme", History::TimeOf(1) - second, absl::InfiniteFuture()).value(), 0);
  EXPECT_THAT(store().FindSequence("acme", History::TimeOf(1), absl::InfiniteFuture()).value(), 1);
  EXPECT_THAT(
      store().FindSequence("acme", History::TimeOf(2) - second, absl::InfiniteFuture()).value(), 1);
  EXPECT_THAT(store().FindSequence("acme", History::TimeOf(3), absl::InfiniteFuture()).value(), 3);
  EXPECT_THAT(store().FindSequence("acme", absl::InfiniteFuture(), absl::InfiniteFuture()).value(),
              3);
  EXPECT_THAT(store().FindSequence("acme", absl::InfinitePast(), absl::InfiniteFuture()).value(),
              0);
}

// change_times_test has the rules; this is that the store knows where the clock
// stepped back.
TEST_P(StoreConformance, FindsTheChangeOfATimeAfterAWrongClock) {
  PublishSome();
  const absl::Time now = History::TimeOf(20);
  const auto add = [&](absl::Time time, bool stepped_back) {
    ChangeTransaction transaction = history_.Publish({{"support/triage", absl::FormatTime(time)}});
    *transaction.change->mutable_change_time() = ToProto(time);
    transaction.clock_stepped_back = stepped_back;
    ASSERT_OK(Commit(std::move(transaction)));
  };
  add(History::TimeOf(1000), false);  // Change 4, and the clock is set right.
  add(History::TimeOf(5), true);
  add(History::TimeOf(6), false);
  for (int round = 0; round < 2; ++round) {
    const auto find = [&](absl::Time time) { return store().FindSequence("acme", time, now); };
    EXPECT_EQ(*find(History::TimeOf(2)), 2);
    EXPECT_EQ(*find(History::TimeOf(4)), 3);
    EXPECT_EQ(*find(History::TimeOf(5)), 5);
    EXPECT_EQ(*find(now), 6);
    ExpectWhole();
    Reopen();
  }
}

TEST_P(StoreConformance, ATimeThatStepsBackUnsaidIsAProblem) {
  PublishSome();
  ChangeTransaction transaction = history_.Publish({{"support/triage", "Four."}});
  *transaction.change->mutable_change_time() = ToProto(History::TimeOf(1));
  ASSERT_OK(Commit(std::move(transaction)));
  ASSERT_OK_AND_ASSIGN(const auto found, store().Verify());
  ASSERT_EQ(found.problems_size(), 1);
  EXPECT_THAT(found.problems(0).message(), testing::HasSubstr("change 4: its time is before"));
}

TEST_P(StoreConformance, FindsTheChangeOfACommit) {
  PublishSome();
  ASSERT_OK_AND_ASSIGN(const v1::Change second, store().GetChange("acme", 2));
  ASSERT_OK_AND_ASSIGN(const int64_t sequence,
                       store().FindSequence("acme", *ObjectId::FromHex(second.commit())));
  EXPECT_EQ(sequence, 2);
}

TEST_P(StoreConformance, AStaleTransactionLosesAndWritesNothing) {
  PublishSome();
  History other("acme");  // Believes that the repository is empty.
  ChangeTransaction stale = other.Publish({{"support/triage", "Other."}});
  const ObjectId blob = stale.objects[0].id;
  EXPECT_THAT(Commit(stale), ErrorIs(kAborted, "LOST_RACE", HasSubstr("newest is 3")));

  ChangeTransaction wrong_ref = history_.Publish({{"support/triage", "Third."}});
  wrong_ref.refs[0].expected = blob;
  EXPECT_THAT(Commit(wrong_ref), ErrorIs(kAborted, "LOST_RACE", HasSubstr("refs/heads/main")));

  EXPECT_FALSE(store().HasObject("acme", blob).value());
  EXPECT_FALSE(store().HasObject("acme", wrong_ref.objects.back().id).value());
  EXPECT_THAT(store().GetVersion("acme", "support/triage", 3),
              ErrorIs(kNotFound, "VERSION_NOT_FOUND"));
  EXPECT_EQ(store().ListRepositories()->at(0).sequence(), 3);
  ExpectWhole();
}

TEST_P(StoreConformance, SequencesHaveNoHoles) {
  PublishSome();
  History skipping = history_;
  skipping.Publish({{"a", "1"}});
  EXPECT_THAT(Commit(skipping.Publish({{"a", "2"}})), ErrorIs(kAborted, "LOST_RACE"));
  EXPECT_OK(Commit(history_.Publish({{"a", "1"}})));
}

TEST_P(StoreConformance, ChangesThatFollowEachOtherAreWrittenTogether) {
  PublishSome();
  const History before = history_;
  const auto three = [](History history) {
    std::vector<ChangeTransaction> transactions;
    transactions.push_back(history.Publish({{"a", "1"}}));
    transactions.push_back(history.Publish({{"a", "2"}, {"b", "1"}}));
    transactions.push_back(history.MoveLabel("a", "production", 2));
    return transactions;
  };
  const auto commit = [&](std::vector<ChangeTransaction> transactions) {
    return Await([&](Done done) { store().CommitAll(std::move(transactions), std::move(done)); });
  };
  // One that can't be written is none that is.
  std::vector<ChangeTransaction> bad = three(before);
  bad[2].labels[0].set_name("nobody/a@production");
  EXPECT_THAT(commit(bad), ErrorIs(kInvalid, "BAD_TRANSACTION"));
  bad = three(before);
  std::swap(bad[0], bad[1]);
  EXPECT_THAT(commit(bad), ErrorIs(kInvalid, "BAD_TRANSACTION", HasSubstr("follows")));
  bad = three(before);
  bad[1].refs[0].expected = before.main();
  EXPECT_THAT(commit(bad), ErrorIs(kInvalid, "BAD_TRANSACTION", HasSubstr("expected")));
  ChangeTransaction first = history_.Publish({{"c", "1"}});
  first.request_id = "first";
  ASSERT_OK(Commit(first));
  bad = three(history_);
  bad[2].request_id = "first";  // Which has its answer.
  EXPECT_THAT(commit(bad), ErrorIs(kAborted, "LOST_RACE"));
  EXPECT_EQ(store().ListRepositories()->at(0).sequence(), history_.sequence());

  ASSERT_OK(commit(three(history_)));
  EXPECT_EQ(store().ListRepositories()->at(0).sequence(), history_.sequence() + 3);
  EXPECT_EQ(store().GetVersion("acme", "a", 1)->sequence(), history_.sequence() + 1);
  EXPECT_EQ(store().GetVersion("acme", "a", 2)->sequence(), history_.sequence() + 2);
  EXPECT_EQ(store().ListPrompts("acme")->at(0).latest_version, 2u);
  ExpectWhole();
}

TEST_P(StoreConformance, AVersionIsNeverWrittenTwice) {
  PublishSome();
  ChangeTransaction transaction = history_.Publish({{"support/triage", "Again."}});
  transaction.versions[0].set_version(1);
  EXPECT_THAT(Commit(transaction),
              ErrorIs(kAborted, "LOST_RACE", HasSubstr("version 1 of \"support/triage\"")));
  EXPECT_EQ(store().GetVersion("acme", "support/triage", 1)->sequence(), 1);
}

TEST_P(StoreConformance, ContradictoryTransactionsAreRefused) {
  PublishSome();
  const ChangeTransaction good = history_.Publish({{"support/triage", "Third."}});
  const ChangeTransaction label = [&] {
    History fork = history_;
    return fork.MoveLabel("support/triage", "beta", 1);
  }();
  const struct {
    const char* what;
    std::function<void(ChangeTransaction*)> spoil;
    const char* message;
  } cases[] = {
      {"object", [](ChangeTransaction* t) { t->objects[0].data += "x"; }, "hashes to"},
      {"ref name", [](ChangeTransaction* t) { t->refs[0].name = ""; }, "no name"},
      {"ref twice", [](ChangeTransaction* t) { t->refs.push_back(t->refs[0]); }, "moved twice"},
      {"zero target", [](ChangeTransaction* t) { t->refs[0].target = ObjectId(); }, "no object"},
      {"no change", [](ChangeTransaction* t) { t->change.reset(); }, "only with a change"},
      {"other repository", [](ChangeTransaction* t) { t->change->set_repository("b"); }, "\"b\""},
      {"sequence 0", [](ChangeTransaction* t) { t->change->set_sequence(0); }, "begin at 1"},
      {"commit", [](ChangeTransaction* t) { t->change->set_commit("abc"); }, "40 lower-case"},
      {"version's repository", [](ChangeTransaction* t) { t->versions[0].set_repository("b"); },
       "isn't one of change"},
      {"version's sequence", [](ChangeTransaction* t) { t->versions[0].set_sequence(1); },
       "isn't one of change"},
      {"version 0", [](ChangeTransaction* t) { t->versions[0].set_version(0); }, "number 0"},
      {"prompt twice", [](ChangeTransaction* t) { t->versions.push_back(t->versions[0]); },
       "published twice"},
      {"content", [](ChangeTransaction* t) { t->versions[0].mutable_files(0)->set_content("x"); },
       "as objects"},
      {"label's name",
       [&](ChangeTransaction* t) {
         t->labels = label.labels;
         t->labels[0].set_name("b/support/triage@beta");
       },
       "isn't the name of a label"},
      {"label's sequence",
       [&](ChangeTransaction* t) {
         t->labels = label.labels;
         t->labels[0].set_sequence(1);
       },
       "sequence 1 in change 4"},
  };
  for (const auto& c : cases) {
    ChangeTransaction transaction = good;
    c.spoil(&transaction);
    EXPECT_THAT(Commit(transaction), ErrorIs(kInvalid, "BAD_TRANSACTION", HasSubstr(c.message)))
        << c.what;
  }
  EXPECT_OK(Commit(good));
}

TEST_P(StoreConformance, RefsMoveByCompareAndSwap) {
  PublishSome();
  ChangeTransaction draft = history_.Draft("shorter", "Short.");
  const ObjectId target = *draft.refs[0].target;
  ASSERT_OK(Commit(draft));
  EXPECT_THAT(Commit(draft), ErrorIs(kAborted, "LOST_RACE", HasSubstr("not absent")));
  EXPECT_THAT(NamesOf(store().ListRefs("acme", "").value()),
              ElementsAre("refs/heads/main", "refs/heads/shorter"));

  const ObjectId wrong(std::array<uint8_t, 20>{7});
  ChangeTransaction removal{.repository = "acme",
                            .refs = {{"refs/heads/shorter", wrong, std::nullopt}}};
  EXPECT_THAT(Commit(removal), ErrorIs(kAborted, "LOST_RACE", HasSubstr(target.hex())));
  removal.refs[0].expected = target;
  EXPECT_OK(Commit(removal));
  EXPECT_THAT(NamesOf(store().ListRefs("acme", "").value()), ElementsAre("refs/heads/main"));
  EXPECT_THAT(Commit(removal), ErrorIs(kAborted, "LOST_RACE", HasSubstr("absent")));
}

TEST_P(StoreConformance, ListsRefsByPrefix) {
  PublishSome();
  for (const char* branch : {"a", "ab", "b"}) ASSERT_OK(Commit(history_.Draft(branch, branch)));
  EXPECT_THAT(NamesOf(store().ListRefs("acme", "refs/heads/a").value()),
              ElementsAre("refs/heads/a", "refs/heads/ab"));
  EXPECT_THAT(NamesOf(store().ListRefs("acme", "refs/tags/").value()), IsEmpty());
  EXPECT_EQ(store().ListRefs("acme", "refs/heads/main")->at(0).target, history_.main());
}

TEST_P(StoreConformance, ADraftHasNoSequence) {
  PublishSome();
  ASSERT_OK(Commit(history_.Draft("shorter", "Short.")));
  EXPECT_EQ(store().ListRepositories()->at(0).sequence(), 3);
  ExpectWhole();
}

TEST_P(StoreConformance, ARequestIsAnsweredOnce) {
  ASSERT_OK(CreateRepository("acme"));
  EXPECT_EQ(store().GetRequest("acme", "r1").value(), std::nullopt);
  ChangeTransaction transaction = history_.Publish({{"a", "1"}});
  transaction.request_id = "r1";
  transaction.request = {.request_digest = std::string(32, 'd'), .response = std::string("\0x", 2)};
  ASSERT_OK(Commit(transaction));
  ASSERT_OK_AND_ASSIGN(const auto row, store().GetRequest("acme", "r1"));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->request_digest, std::string(32, 'd'));
  EXPECT_EQ(row->response, std::string("\0x", 2));

  ChangeTransaction again = history_.Publish({{"a", "2"}});
  again.request_id = "r1";
  EXPECT_THAT(Commit(again), ErrorIs(kAborted, "LOST_RACE", HasSubstr("\"r1\"")));
}

TEST_P(StoreConformance, RepositoriesDoNotShareAnything) {
  PublishSome();
  ASSERT_OK(CreateRepository("acme-2"));
  ASSERT_OK(CreateRepository("acm"));
  for (const char* name : {"acme-2", "acm"}) {
    EXPECT_THAT(store().ListChanges(name, 1, 1, 10).value(), IsEmpty());
    EXPECT_THAT(store().ListRefs(name, "").value(), IsEmpty());
    EXPECT_THAT(store().ListPrompts(name).value(), IsEmpty());
    EXPECT_FALSE(store().HasObject(name, history_.main()).value());
    EXPECT_THAT(store().ListLabels(name, "", 10).value(), IsEmpty());
  }
}

}  // namespace
}  // namespace colophon
