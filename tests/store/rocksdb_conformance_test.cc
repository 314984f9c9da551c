#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/store/conformance.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

class RocksdbFactory : public StoreFactory {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open() override {
    return OpenRocksdbStore(directory_ / "store", Options());
  }
  std::string NewBackupPlace() override {
    return directory_ / ("backup" + std::to_string(++backups_));
  }
  absl::StatusOr<std::unique_ptr<Store>> OpenBackup(const std::string& place) override {
    return OpenRocksdbStore(place, Options());
  }

 private:
  // With segments so small that there are several.
  static RocksdbStoreOptions Options() {
    RocksdbStoreOptions options;
    options.terms = WordTerms();
    options.segment_records = 7;
    return options;
  }

  TempDir directory_;
  int backups_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Rocksdb, StoreConformance,
                         testing::Values(StoreUnderTest{
                             "rocksdb", [] { return std::make_unique<RocksdbFactory>(); }}),
                         &NameOf);

}  // namespace
}  // namespace colophon
