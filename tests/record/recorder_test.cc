#include "service/record/recorder.h"

#include <future>

#include "boost/asio/co_spawn.hpp"
#include "boost/asio/use_future.hpp"
#include "service/base/executor.h"
#include "service/base/hash.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() { Open(); }

  void Open() {
    recorder_.reset();
    store_.reset();
    auto store = OpenRocksdbStore(directory_.path());
    EXPECT_OK(store);
    store_ = *std::move(store);
    recorder_ = std::make_unique<Recorder>(store_.get(), &clock_);
    if (repository_exists_) return;
    std::promise<absl::Status> created;
    store_->CreateRepository("acme", clock_.Now(),
                             [&](absl::Status status) { created.set_value(status); });
    EXPECT_OK(created.get_future().get());
    repository_exists_ = true;
  }

  template <class T>
  T Run(Task<T> task) {
    return boost::asio::co_spawn(executor_.loop(0).context(), std::move(task),
                                 boost::asio::use_future)
        .get();
  }

  static v1::Intent AnIntent() {
    v1::Intent intent;
    intent.set_repository("acme");
    intent.set_prompt("support/triage");
    intent.set_version(12);
    intent.set_commit(std::string(40, 'a'));
    return intent;
  }
  static v1::Outcome AnOutcome(const std::string& text) {
    v1::Outcome outcome;
    outcome.set_status(v1::RECORD_STATUS_OK);
    outcome.mutable_completion()->mutable_message()->add_parts()->set_text(text);
    outcome.set_output_digest(OutputDigest(outcome.completion()));
    return outcome;
  }

  TempDir directory_;
  FakeClock clock_;
  Executor executor_{1};
  bool repository_exists_ = false;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Recorder> recorder_;
};

TEST_F(RecorderTest, AnIntentAndItsOutcomeAreThereAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const std::string id, Run(recorder_->RecordIntent(AnIntent())));
  ASSERT_OK(Run(recorder_->RecordOutcome(id, AnOutcome("Refund it."))));
  Open();
  ASSERT_OK_AND_ASSIGN(const v1::Record record, store_->GetRecord(id));
  EXPECT_EQ(record.intent().version(), 12u);
  EXPECT_EQ(record.outcome().output_digest(), Sha256Hex("Refund it."));
}

TEST_F(RecorderTest, ACrashMakesOpenIntentsUnknownAndTouchesNothingElse) {
  ASSERT_OK_AND_ASSIGN(const std::string open, Run(recorder_->RecordIntent(AnIntent())));
  ASSERT_OK_AND_ASSIGN(const std::string closed, Run(recorder_->RecordIntent(AnIntent())));
  ASSERT_OK(Run(recorder_->RecordOutcome(closed, AnOutcome("done"))));
  Open();
  ASSERT_OK_AND_ASSIGN(const std::string running, Run(recorder_->RecordIntent(AnIntent())));
  EXPECT_THAT(*store_->ListOpenRecords(), UnorderedElementsAre(open, running));
  ASSERT_OK_AND_ASSIGN(const int count, recorder_->CloseAbandonedRecords());
  EXPECT_EQ(count, 1);
  EXPECT_THAT(*store_->ListOpenRecords(), ElementsAre(running));
  EXPECT_EQ(store_->GetRecord(open)->outcome().status(), v1::RECORD_STATUS_UNKNOWN);
  EXPECT_EQ(store_->GetRecord(open)->outcome().error_reason(), "SERVER_DIED");
  EXPECT_EQ(store_->GetRecord(closed)->outcome().status(), v1::RECORD_STATUS_OK);
}

TEST_F(RecorderTest, AnOutcomeIsNeverReplaced) {
  ASSERT_OK_AND_ASSIGN(const std::string id, Run(recorder_->RecordIntent(AnIntent())));
  ASSERT_OK(Run(recorder_->RecordOutcome(id, AnOutcome("first"))));
  EXPECT_THAT(Run(recorder_->RecordOutcome(id, AnOutcome("second"))),
              ErrorIs(absl::StatusCode::kFailedPrecondition, "RECORD_CLOSED"));
  EXPECT_EQ(store_->GetRecord(id)->outcome().output_digest(), Sha256Hex("first"));
}

TEST_F(RecorderTest, AnExternalRecordHasTheTimeOfItsCall) {
  v1::Record given;
  *given.mutable_intent() = AnIntent();
  *given.mutable_outcome() = AnOutcome("by the app");
  const absl::Time start = clock_.Now() - absl::Hours(2);
  *given.mutable_intent()->mutable_start_time() = ToProto(start);
  std::promise<absl::StatusOr<v1::Record>> created;
  recorder_->CreateRecord(std::move(given), "",
                          [&](auto record) { created.set_value(std::move(record)); });
  ASSERT_OK_AND_ASSIGN(const v1::Record record, created.get_future().get());
  EXPECT_EQ(UuidToBytes(record.id())->substr(0, 6), UuidTimePrefix(start));
  EXPECT_OK(store_->GetRecord(record.id()));
}

// Kind: a clock that was wrong once must not spoil what comes after it.
TEST_F(RecorderTest, AnIdHoldsTheTimeTheCallCame) {
  const absl::Time right = clock_.Now();
  for (const absl::Time time :
       {right, right + absl::Hours(80 * 365 * 24), right, right - absl::Hours(2), right}) {
    clock_.Set(time + absl::Milliseconds(7));  // It took a while to be rendered.
    v1::Intent intent = AnIntent();
    *intent.mutable_start_time() = ToProto(time);
    ASSERT_OK_AND_ASSIGN(const std::string id, Run(recorder_->RecordIntent(std::move(intent))));
    EXPECT_EQ(UuidToBytes(id)->substr(0, 6), UuidTimePrefix(time));
  }
}

TEST(OutputTextTest, IsTheTextPartsJoined) {
  v1::Completion completion;
  v1::Message& message = *completion.mutable_message();
  message.add_parts()->mutable_reasoning()->set_text("hmm");
  message.add_parts()->set_text("Hello");
  message.add_parts()->mutable_tool_request()->set_name("f");
  message.add_parts()->set_text(", world");
  EXPECT_EQ(OutputText(completion), "Hello, world");
  EXPECT_EQ(OutputDigest(completion), Sha256Hex("Hello, world"));
  EXPECT_EQ(OutputDigest(v1::Completion()), "");
}

}  // namespace
}  // namespace colophon
