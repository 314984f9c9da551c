#include "tests/store/conformance.h"
#include "tests/store/memory_store.h"

namespace colophon {
namespace {

class MemoryFactory : public StoreFactory {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open() override {
    return OpenMemoryStore(&disk_, "store", WordTerms());
  }
  std::string NewBackupPlace() override { return "backup" + std::to_string(++backups_); }
  absl::StatusOr<std::unique_ptr<Store>> OpenBackup(const std::string& place) override {
    return OpenMemoryStore(&disk_, place, WordTerms());
  }

 private:
  MemoryDisk disk_;
  int backups_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance,
                         testing::Values(StoreUnderTest{
                             "memory", [] { return std::make_unique<MemoryFactory>(); }}),
                         &NameOf);

}  // namespace
}  // namespace colophon
