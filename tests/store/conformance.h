#pragma once

// The suite that every implementation of Store passes. An implementation
// brings a StoreFactory and instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Rocksdb, StoreConformance,
//                            testing::Values(StoreUnderTest{"rocksdb", &MakeRocksdbFactory}));

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/clock.h"
#include "service/base/ids.h"
#include "service/store/store.h"
#include "tests/store/history.h"
#include "tests/testing/matchers.h"

namespace colophon {

// A place where one store lives, empty at first.
class StoreFactory {
 public:
  virtual ~StoreFactory() = default;

  // Opens it as it was left. The store opened before is gone by then.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open() = 0;
  // Where a backup may be made; nothing is there.
  virtual std::string NewBackupPlace() = 0;
  // Opens what Store::Backup made there.
  virtual absl::StatusOr<std::unique_ptr<Store>> OpenBackup(const std::string& place) = 0;
};

struct StoreUnderTest {
  std::string name;
  std::function<std::unique_ptr<StoreFactory>()> make_factory;
};

inline void PrintTo(const StoreUnderTest& store, std::ostream* out) { *out << store.name; }

// The words of a record's output.
RecordTerms WordTerms();
Term TermOfWord(std::string_view word);

class StoreConformance : public testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override;

  // Closes the store and opens it again.
  void Reopen();
  Store& store() { return *store_; }
  StoreFactory& factory() { return *factory_; }

  // The writes, waited for.
  absl::Status CreateRepository(const std::string& name);
  absl::Status Commit(ChangeTransaction transaction);
  absl::Status AppendIntent(const std::string& id, const v1::Intent& intent);
  absl::Status AppendOutcome(const std::string& id, const v1::Outcome& outcome);
  absl::Status AppendRecord(const v1::Record& record, const std::string& request_id = "");
  absl::Status AppendScores(const std::string& id, const std::vector<v1::Score>& scores,
                            const std::string& repository = "acme");

  // "acme" with three changes: triage v1, then triage v2 and reply v1, then
  // production of triage at v1.
  void PublishSome();
  // A new id; each is a second after the one before.
  std::string NewId();
  // A record with an outcome; its id.
  std::string AddRecord(const v1::Intent& intent, const v1::Outcome& outcome);
  std::vector<std::string> ListIds(const RecordQuery& query);
  // No problem is found.
  void ExpectWhole();

  History history_{"acme"};
  FakeClock clock_;

 private:
  std::unique_ptr<StoreFactory> factory_;
  std::unique_ptr<Store> store_;
  IdGenerator ids_{&clock_};
};

// Starts a write and waits for its Done.
absl::Status Await(const std::function<void(Done)>& start);

inline std::string NameOf(const testing::TestParamInfo<StoreUnderTest>& info) {
  return info.param.name;
}

}  // namespace colophon
