#include "tests/store/conformance.h"

#include <chrono>
#include <future>
#include <set>
#include <utility>

#include "absl/strings/str_split.h"

namespace colophon {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformance);

absl::Status Await(const std::function<void(Done)>& start) {
  const auto promise = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> result = promise->get_future();
  start([promise](absl::Status status) { promise->set_value(std::move(status)); });
  if (result.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
    return Internal("a write wasn't done within 30 s");
  }
  return result.get();
}

Term TermOfWord(std::string_view word) {
  Term hash = 0xcbf29ce484222325;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash * 0x9e3779b97f4a7c15;
}

RecordTerms WordTerms() {
  const auto of = [](std::string_view, const v1::Outcome& outcome) {
    std::set<Term> terms;
    for (const v1::Part& part : outcome.completion().message().parts()) {
      for (const std::string& word :
           std::vector<std::string>(absl::StrSplit(part.text(), ' ', absl::SkipEmpty()))) {
        terms.insert(TermOfWord(word));
      }
    }
    return std::vector<Term>(terms.begin(), terms.end());
  };
  return {.version = 1, .of = of};
}

void StoreConformance::SetUp() {
  factory_ = GetParam().make_factory();
  Reopen();
}

void StoreConformance::Reopen() {
  store_.reset();
  ASSERT_OK_AND_ASSIGN(store_, factory_->Open());
}

absl::Status StoreConformance::CreateRepository(const std::string& name) {
  return Await(
      [&](Done done) { store_->CreateRepository(name, History::TimeOf(0), std::move(done)); });
}

absl::Status StoreConformance::Commit(ChangeTransaction transaction) {
  return Await([&](Done done) { store_->Commit(std::move(transaction), std::move(done)); });
}

absl::Status StoreConformance::AppendIntent(const std::string& id, const v1::Intent& intent) {
  return Await([&](Done done) { store_->AppendIntent(id, intent, std::move(done)); });
}

absl::Status StoreConformance::AppendOutcome(const std::string& id, const v1::Outcome& outcome) {
  return Await([&](Done done) { store_->AppendOutcome(id, outcome, std::move(done)); });
}

absl::Status StoreConformance::AppendRecord(const v1::Record& record,
                                            const std::string& request_id) {
  return Await([&](Done done) { store_->AppendRecord(record, request_id, std::move(done)); });
}

absl::Status StoreConformance::AppendScores(const std::string& id,
                                            const std::vector<v1::Score>& scores,
                                            const std::string& repository) {
  return Await([&](Done done) { store_->AppendScores(repository, id, scores, std::move(done)); });
}

void StoreConformance::PublishSome() {
  ASSERT_OK(CreateRepository("acme"));
  ASSERT_OK(Commit(history_.Publish({{"support/triage", "Sort this ticket."}})));
  ASSERT_OK(Commit(history_.Publish(
      {{"support/triage", "Sort this ticket well."}, {"support/reply", "Answer it."}})));
  ASSERT_OK(Commit(history_.MoveLabel("support/triage", "production", 1)));
}

std::string StoreConformance::NewId() {
  clock_.Advance(absl::Seconds(1));
  return ids_.NewId();
}

std::string StoreConformance::AddRecord(const v1::Intent& intent, const v1::Outcome& outcome) {
  const std::string id = NewId();
  EXPECT_OK(AppendIntent(id, intent));
  EXPECT_OK(AppendOutcome(id, outcome));
  return id;
}

std::vector<std::string> StoreConformance::ListIds(const RecordQuery& query) {
  const auto records = store_->ListRecords(query);
  EXPECT_OK(records);
  std::vector<std::string> ids;
  if (!records.ok()) return ids;
  for (const v1::Record& record : *records) ids.push_back(record.id());
  return ids;
}

void StoreConformance::ExpectWhole() {
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse found, store_->Verify());
  EXPECT_EQ(found.problems_size(), 0) << found.DebugString();
}

}  // namespace colophon
