#include "service/record/record_ids.h"

#include <future>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

class RecordIdsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(store_, OpenRocksdbStore(directory_.path()));
    Wait([&](Done done) { store_->CreateRepository("acme", absl::Now(), std::move(done)); });
    v1::Intent intent;
    intent.set_repository("acme");
    for (const char* id : kIds) {
      Wait([&](Done done) { store_->AppendIntent(id, intent, std::move(done)); });
    }
  }
  static void Wait(const std::function<void(Done)>& start) {
    std::promise<absl::Status> written;
    start([&](absl::Status status) { written.set_value(status); });
    ASSERT_OK(written.get_future().get());
  }
  absl::StatusOr<std::string> Find(const std::string& given) {
    return FindRecordId(store_.get(), given);
  }

  static constexpr const char* kIds[] = {"0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37",
                                         "0198f2c4-5b1e-7c3b-9d2f-8e4b6a1c0d37",
                                         "0198f2c5-0000-7000-8000-000000000000"};
  TempDir directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(RecordIdsTest, TheBeginningOfOneIdIsEnough) {
  EXPECT_EQ(Find("0198f2c5").value(), kIds[2]);
  EXPECT_EQ(Find("0198F2C5-00").value(), kIds[2]);
  EXPECT_EQ(Find("0198f2c45b1e7c3b").value(), kIds[1]);
  EXPECT_EQ(Find("0198f2c4-5b1e-7c3a").value(), kIds[0]);
  EXPECT_EQ(Find(absl::StrReplaceAll(kIds[0], {{"-", ""}})).value(), kIds[0]);
  // A whole one is that one, there or not.
  EXPECT_EQ(Find("0198f2c4-5b1e-7c3a-9d2f-000000000000").value(),
            "0198f2c4-5b1e-7c3a-9d2f-000000000000");
}

TEST_F(RecordIdsTest, OfSeveralEachIsNamed) {
  EXPECT_THAT(Find("0198f2c4"), ErrorIs(kInvalid, "AMBIGUOUS_RECORD_ID",
                                        AllOf(HasSubstr(kIds[0]), HasSubstr(kIds[1]))));
  EXPECT_THAT(Find("0198f2c4-5b1e-7c3"), ErrorIs(kInvalid, "AMBIGUOUS_RECORD_ID"));
}

TEST_F(RecordIdsTest, WhatBeginsNoneIsRefused) {
  EXPECT_THAT(Find("0198f2c6"), ErrorIs(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND"));
  for (const std::string given : {"", "0198f2c", "0198f2cg", "nonsense", "0198f2c4 5b1e"}) {
    EXPECT_THAT(Find(given), ErrorIs(kInvalid, "BAD_RECORD_ID")) << given;
  }
  EXPECT_THAT(Find(std::string(33, 'a')), ErrorIs(kInvalid, "BAD_RECORD_ID"));
}

}  // namespace
}  // namespace colophon
