// Store: what holds for all of it: order, races, reopening, Verify, Backup.

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "fmt/format.h"
#include "tests/store/conformance.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kThreads = 8;

void InThreads(const std::function<void(int)>& run) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  for (std::thread& thread : threads) thread.join();
}

bool HasProblem(const v1::VerifyStoreResponse& found, const std::string& message) {
  return std::any_of(
      found.problems().begin(), found.problems().end(),
      [&](const v1::StoreProblem& p) { return p.message().find(message) != std::string::npos; });
}

TEST_P(StoreConformance, DonesComeInTheOrderOfTheCalls) {
  std::vector<int> order;
  std::vector<absl::Status> results;
  const auto note = [&](int number) {
    return [&, number](absl::Status status) {
      order.push_back(number);
      results.push_back(std::move(status));
    };
  };
  store().CreateRepository("acme", History::TimeOf(0), note(0));
  store().AppendIntent("not an id", MakeIntent("acme"), note(1));
  store().Commit(history_.Publish({{"a", "1"}}), note(2));
  store().Commit(History("acme").Publish({{"a", "1"}}), note(3));
  store().AppendIntent(NewId(), MakeIntent("acme"), note(4));
  ASSERT_OK(CreateRepository("last"));
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
  const auto code = [](const absl::Status& status) { return status.code(); };
  EXPECT_EQ(code(results[0]), absl::StatusCode::kOk);
  EXPECT_EQ(code(results[1]), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(results[2]), absl::StatusCode::kOk);
  EXPECT_EQ(code(results[3]), absl::StatusCode::kAborted);
  EXPECT_EQ(code(results[4]), absl::StatusCode::kOk);
}

TEST_P(StoreConformance, AWriteIsSeenInItsDone) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = NewId();
  std::promise<absl::Status> seen;
  store().AppendIntent(id, MakeIntent("acme"), [&](const absl::Status&) {
    seen.set_value(store().GetRecord(id).status());
  });
  EXPECT_OK(seen.get_future().get());
}

TEST_P(StoreConformance, WhatWasHandedOverIsWrittenBeforeTheStoreCloses) {
  ASSERT_OK(CreateRepository("acme"));
  std::atomic<int> done{0};
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) {
    ids.push_back(NewId());
    store().AppendIntent(ids.back(), MakeIntent("acme"), [&](const absl::Status& status) {
      if (status.ok()) ++done;
    });
  }
  Reopen();
  EXPECT_EQ(done, 200);
  EXPECT_EQ(store().ListOpenRecords().value(), ids);
}

TEST_P(StoreConformance, OneOfRacingTransactionsWins) {
  ASSERT_OK(CreateRepository("acme"));
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> won{0};
    std::atomic<int> lost{0};
    std::atomic<int> winner{-1};
    std::vector<History> forks(kThreads, history_);
    InThreads([&](int i) {
      const absl::Status status = Commit(forks[i].Publish({{"p", fmt::format("{} {}", round, i)}}));
      if (status.ok()) {
        ++won;
        winner = i;
      } else if (ReasonOf(status) == "LOST_RACE") {
        ++lost;
      }
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, kThreads - 1);
    if (winner >= 0) history_ = forks[winner];
  }
  EXPECT_EQ(store().ListRepositories()->at(0).sequence(), 10);
  ExpectWhole();
}

TEST_P(StoreConformance, OneOfRacingRefMovesWins) {
  PublishSome();
  ASSERT_OK(Commit(history_.Draft("race", "start")));
  ObjectId current = store().ListRefs("acme", "refs/heads/race")->at(0).target;
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> won{0};
    std::mutex mu;
    ObjectId winner;
    InThreads([&](int i) {
      ChangeTransaction move = [&] {
        std::lock_guard lock(mu);
        return history_.Draft("race", fmt::format("{} {}", round, i));
      }();
      move.refs[0].expected = current;
      const ObjectId target = *move.refs[0].target;
      if (Commit(std::move(move)).ok()) {
        std::lock_guard lock(mu);
        ++won;
        winner = target;
      }
    });
    EXPECT_EQ(won, 1);
    current = store().ListRefs("acme", "refs/heads/race")->at(0).target;
    EXPECT_EQ(current, winner);
  }
  ExpectWhole();
}

TEST_P(StoreConformance, RepositoriesAdvanceSideBySideWithoutHoles) {
  constexpr int kChanges = 20;
  for (int i = 0; i < kThreads; ++i) ASSERT_OK(CreateRepository(fmt::format("r{}", i)));
  InThreads([&](int i) {
    History history(fmt::format("r{}", i));
    for (int n = 0; n < kChanges; ++n) {
      EXPECT_OK(Commit(history.Publish({{"p", fmt::format("{}", n)}})));
    }
  });
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto changes,
                         store().ListChanges(fmt::format("r{}", i), 1, 1, 1000));
    ASSERT_EQ(changes.size(), size_t{kChanges});
    for (int n = 0; n < kChanges; ++n) EXPECT_EQ(changes[n].sequence(), n + 1);
  }
  ExpectWhole();
}

TEST_P(StoreConformance, RecordsOfManyThreadsAreAllThere) {
  ASSERT_OK(CreateRepository("acme"));
  constexpr int kRecords = 50;
  std::vector<std::vector<std::string>> ids(kThreads);
  for (auto& of_thread : ids) {
    for (int n = 0; n < kRecords; ++n) of_thread.push_back(NewId());
  }
  InThreads([&](int i) {
    for (const std::string& id : ids[i]) {
      EXPECT_OK(AppendIntent(id, MakeIntent("acme")));
      EXPECT_THAT(AppendIntent(id, MakeIntent("acme")),
                  ErrorIs(absl::StatusCode::kAlreadyExists, "RECORD_EXISTS"));
      EXPECT_OK(AppendOutcome(id, MakeOutcome()));
    }
  });
  for (const auto& of_thread : ids) {
    for (const std::string& id : of_thread) EXPECT_TRUE(store().GetRecord(id)->has_outcome());
  }
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse found, store().Verify());
  EXPECT_EQ(found.record_count(), kThreads * kRecords);
  EXPECT_EQ(found.problems_size(), 0) << found.DebugString();
}

TEST_P(StoreConformance, ReopeningLosesNothing) {
  PublishSome();
  const std::string closed = AddRecord(MakeIntent("acme"), MakeOutcome());
  const std::string open = NewId();
  ASSERT_OK(AppendIntent(open, MakeIntent("acme")));
  Reopen();
  EXPECT_EQ(store().ListRepositories()->at(0).sequence(), 3);
  EXPECT_EQ(store().GetObject("acme", history_.main())->type, ObjectType::kCommit);
  EXPECT_TRUE(store().GetRecord(closed)->has_outcome());
  EXPECT_THAT(AppendIntent(closed, MakeIntent("acme")),
              ErrorIs(absl::StatusCode::kAlreadyExists, "RECORD_EXISTS"));
  EXPECT_OK(AppendOutcome(open, MakeOutcome()));
  EXPECT_OK(Commit(history_.Publish({{"support/triage", "Third."}})));
  ExpectWhole();
}

TEST_P(StoreConformance, VerifyCountsWhatThereIs) {
  PublishSome();
  ASSERT_OK(Commit(history_.Draft("shorter", "Short.")));
  AddRecord(MakeIntent("acme"), MakeOutcome());
  ASSERT_OK(AppendIntent(NewId(), MakeIntent("acme")));
  ASSERT_OK_AND_ASSIGN(const auto objects, store().FindObjects("acme", "", 1000));
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse found, store().Verify());
  EXPECT_EQ(found.problems_size(), 0) << found.DebugString();
  EXPECT_EQ(found.object_count(), std::ssize(objects));
  EXPECT_EQ(found.change_count(), 3);
  EXPECT_EQ(found.version_count(), 3);
  EXPECT_EQ(found.record_count(), 2);
  EXPECT_EQ(found.open_record_count(), 1);
}

// What the rules of Verify are for, by transactions that a store can't know to
// be wrong.
TEST_P(StoreConformance, VerifyFindsWhatDoesNotFitTogether) {
  const struct {
    const char* what;
    std::function<void(ChangeTransaction*)> spoil;
    const char* message;
  } cases[] = {
      {"no commit object",
       [](ChangeTransaction* t) {
         std::erase_if(t->objects, [](const Object& o) { return o.type == ObjectType::kCommit; });
       },
       "is missing or damaged"},
      {"no tree",
       [](ChangeTransaction* t) {
         std::erase_if(t->objects, [](const Object& o) { return o.type == ObjectType::kTree; });
       },
       "is missing or damaged"},
      {"no blob",
       [](ChangeTransaction* t) {
         std::erase_if(t->objects, [](const Object& o) { return o.type == ObjectType::kBlob; });
       },
       "is missing, damaged or not a blob"},
      {"ref to a tree",
       [](ChangeTransaction* t) {
         for (const Object& o : t->objects) {
           if (o.type == ObjectType::kTree) t->refs[0].target = o.id;
         }
       },
       "is a tree, not a commit"},
      {"main elsewhere", [](ChangeTransaction* t) { t->refs.clear(); },
       "refs/heads/main is at \"\""},
      {"wrong digest",
       [](ChangeTransaction* t) { t->versions[0].set_digest(std::string(64, '0')); },
       "its files give"},
      {"wrong file hash",
       [](ChangeTransaction* t) {
         t->versions[0].mutable_files(0)->set_sha256(std::string(64, '0'));
       },
       "has SHA-256"},
      {"number skipped", [](ChangeTransaction* t) { t->versions[0].set_version(2); },
       "stands where version 1 should"},
      {"no prompt row", [](ChangeTransaction* t) { t->prompts.clear(); }, "has no prompt row"},
      {"prompt ahead", [](ChangeTransaction* t) { t->prompts[0].latest_version = 9; },
       "latest version is 9"},
      {"prompt's digest", [](ChangeTransaction* t) { t->prompts[0].digest = "x"; }, "has digest x"},
      {"label to nothing",
       [](ChangeTransaction* t) {
         v1::Label label;
         label.set_name("acme/p@production");
         label.set_sequence(1);
         label.mutable_targets()->add_targets()->set_version(4);
         t->labels.push_back(label);
       },
       "points to version 4"},
  };
  for (const auto& c : cases) {
    SetUp();  // A new store.
    ASSERT_OK(CreateRepository("acme"));
    ChangeTransaction transaction = History("acme").Publish({{"p", "Text."}});
    c.spoil(&transaction);
    ASSERT_OK(Commit(transaction)) << c.what;
    ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse found, store().Verify());
    EXPECT_TRUE(HasProblem(found, c.message)) << c.what << "\n" << found.DebugString();
    for (const v1::StoreProblem& problem : found.problems())
      EXPECT_EQ(problem.repository(), "acme");
  }
}

TEST_P(StoreConformance, VerifyAndReadsGoOnDuringWrites) {
  PublishSome();
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; i < 2000 && !stop; ++i) {
      EXPECT_OK(Commit(history_.Publish({{"p", fmt::format("{}", i)}})));
    }
  });
  for (int i = 0; i < 5; ++i) {
    ExpectWhole();
    const v1::Repository repository = store().ListRepositories()->at(0);
    EXPECT_EQ(store().GetChange("acme", repository.sequence())->commit(), repository.commit());
  }
  stop = true;
  writer.join();
}

TEST_P(StoreConformance, ABackupOpensAndHoldsTheSame) {
  PublishSome();
  const std::string closed = AddRecord(MakeIntent("acme"), MakeOutcome());
  const std::string open = NewId();
  ASSERT_OK(AppendIntent(open, MakeIntent("acme")));
  const std::string place = factory().NewBackupPlace();
  ASSERT_OK_AND_ASSIGN(const int64_t size, store().Backup(place));
  EXPECT_GT(size, 1000);
  const std::string later = AddRecord(MakeIntent("acme"), MakeOutcome());

  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Store> copy, factory().OpenBackup(place));
  EXPECT_EQ(copy->GetRecord(closed)->SerializeAsString(),
            store().GetRecord(closed)->SerializeAsString());
  EXPECT_THAT(copy->GetRecord(later), ErrorIs(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND"));
  EXPECT_THAT(copy->ListOpenRecords().value(), ElementsAre(open));
  EXPECT_EQ(copy->ListRepositories()->at(0).SerializeAsString(),
            store().ListRepositories()->at(0).SerializeAsString());
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse found, copy->Verify());
  EXPECT_EQ(found.problems_size(), 0) << found.DebugString();
  EXPECT_EQ(found.record_count(), 2);
  EXPECT_EQ(found.change_count(), 3);
}

TEST_P(StoreConformance, ABackupNeverReplacesAnother) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string place = factory().NewBackupPlace();
  ASSERT_OK(store().Backup(place));
  EXPECT_THAT(store().Backup(place), ErrorIs(absl::StatusCode::kAlreadyExists, "BACKUP_EXISTS"));
  ASSERT_OK(factory().OpenBackup(place));
}

// Keys are no repository's: each is there once, as it was written last, also in a backup.
TEST_P(StoreConformance, KeysAreKept) {
  const auto key = [](const std::string& id, const std::string& caller) {
    store::v1::KeyRow row;
    row.mutable_key()->set_id(id);
    row.mutable_key()->set_caller(caller);
    row.set_secret_sha256("hash");
    return row;
  };
  const auto put = [&](std::vector<store::v1::KeyRow> rows) {
    std::promise<absl::Status> done;
    store().PutKeys(std::move(rows), [&](absl::Status status) { done.set_value(status); });
    return done.get_future().get();
  };
  const auto callers = [](Store& store) {
    std::vector<std::string> found;
    const auto rows = store.ListKeys();
    EXPECT_OK(rows);
    for (const auto& row : *rows) found.push_back(row.key().id() + " " + row.key().caller());
    return found;
  };
  EXPECT_THAT(callers(store()), IsEmpty());
  ASSERT_OK(put({key("b", "two"), key("a", "one")}));
  ASSERT_OK(put({key("b", "three")}));
  EXPECT_THAT(callers(store()), ElementsAre("a one", "b three"));
  Reopen();
  EXPECT_THAT(callers(store()), ElementsAre("a one", "b three"));
  const std::string place = factory().NewBackupPlace();
  ASSERT_OK(store().Backup(place));
  ASSERT_OK_AND_ASSIGN(const auto backup, factory().OpenBackup(place));
  EXPECT_THAT(callers(*backup), ElementsAre("a one", "b three"));
  ASSERT_OK_AND_ASSIGN(const auto verified, store().Verify());
  EXPECT_THAT(verified.problems(), IsEmpty());
}

}  // namespace
}  // namespace colophon
