#include "tests/bench/raw_store.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "rocksdb/options.h"
#include "rocksdb/transaction_log.h"
#include "rocksdb/write_batch.h"

namespace colophon::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

absl::Status FromRocksdb(const rocksdb::Status& status) {
  return status.ok() ? absl::OkStatus() : Internal("RocksDB: " + status.ToString());
}

// Takes the entries out of a batch.
class Collector : public rocksdb::WriteBatch::Handler {
 public:
  Collector(const std::map<uint32_t, std::string>& names, RawWrite* entries)
      : names_(names), entries_(entries) {}

  rocksdb::Status PutCF(uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    entries_->push_back({names_.at(family), key.ToString(), value.ToString()});
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(uint32_t family, const rocksdb::Slice& key) override {
    entries_->push_back({names_.at(family), key.ToString(), std::nullopt});
    return rocksdb::Status::OK();
  }
  rocksdb::Status SingleDeleteCF(uint32_t family, const rocksdb::Slice& key) override {
    return DeleteCF(family, key);
  }

 private:
  const std::map<uint32_t, std::string>& names_;
  RawWrite* const entries_;
};

// A database and its handles, closed in the right order.
struct ReadOnly {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  ~ReadOnly() {
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }
};

absl::Status OpenReadOnly(const std::string& directory, ReadOnly* to) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(FromRocksdb(rocksdb::DB::ListColumnFamilies({}, directory, &names)));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  rocksdb::DB* db = nullptr;
  RETURN_IF_ERROR(FromRocksdb(
      rocksdb::DB::OpenForReadOnly(rocksdb::DBOptions(), directory, families, &to->handles, &db)));
  to->db.reset(db);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RawWrite> ReadLog(const std::string& directory) {
  ReadOnly store;
  RETURN_IF_ERROR(OpenReadOnly(directory, &store));
  std::map<uint32_t, std::string> names;
  for (const auto* handle : store.handles) names[handle->GetID()] = handle->GetName();

  std::unique_ptr<rocksdb::TransactionLogIterator> log;
  RETURN_IF_ERROR(FromRocksdb(store.db->GetUpdatesSince(0, &log)));
  RawWrite entries;
  Collector collector(names, &entries);
  for (; log->Valid(); log->Next()) {
    const rocksdb::BatchResult batch = log->GetBatch();
    RETURN_IF_ERROR(FromRocksdb(batch.writeBatchPtr->Iterate(&collector)));
  }
  return entries;
}

std::vector<RawWrite> CutIntoWrites(const RawWrite& entries, size_t count) {
  std::vector<RawWrite> writes(count);
  for (size_t i = 0; i < entries.size(); ++i) {
    writes[i * count / entries.size()].push_back(entries[i]);
  }
  return writes;
}

absl::StatusOr<std::unique_ptr<RawStore>> RawStore::Open(const std::string& directory,
                                                         std::vector<RawWrite> writes) {
  auto store = std::unique_ptr<RawStore>(new RawStore(std::move(writes)));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = 64 << 20;
  options.max_write_buffer_number = 4;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, options);
  for (const RawWrite& write : store->writes_) {
    for (const RawEntry& entry : write) {
      const bool known = std::any_of(families.begin(), families.end(), [&](const auto& family) {
        return family.name == entry.family;
      });
      if (!known) families.emplace_back(entry.family, options);
    }
  }
  rocksdb::DBOptions db_options;
  db_options.create_if_missing = true;
  db_options.create_missing_column_families = true;
  db_options.max_background_jobs = 2;
  rocksdb::DB* db = nullptr;
  RETURN_IF_ERROR(
      FromRocksdb(rocksdb::DB::Open(db_options, directory, families, &store->families_, &db)));
  store->db_.reset(db);
  return store;
}

RawStore::~RawStore() {
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
}

void RawStore::Stage(size_t index, rocksdb::WriteBatch* batch) const {
  for (const RawEntry& entry : writes_[index % writes_.size()]) {
    const auto family = std::find_if(families_.begin(), families_.end(), [&](const auto* handle) {
      return handle->GetName() == entry.family;
    });
    if (entry.value) {
      batch->Put(*family, entry.key, *entry.value);
    } else {
      batch->Delete(*family, entry.key);
    }
  }
}

absl::StatusOr<double> RawStore::RunOneWriter(int batch_size, absl::Duration duration) {
  const SteadyClock::time_point start = SteadyClock::now();
  const SteadyClock::time_point end = start + absl::ToChronoNanoseconds(duration);
  rocksdb::WriteOptions options;
  options.sync = true;
  rocksdb::WriteBatch batch;
  size_t written = 0;
  while (SteadyClock::now() < end) {
    batch.Clear();
    for (int i = 0; i < batch_size; ++i) Stage(written++, &batch);
    RETURN_IF_ERROR(FromRocksdb(db_->Write(options, &batch)));
  }
  return static_cast<double>(written) /
         std::chrono::duration<double>(SteadyClock::now() - start).count();
}

absl::StatusOr<double> RawStore::RunThreads(int thread_count, absl::Duration duration) {
  const SteadyClock::time_point start = SteadyClock::now();
  const SteadyClock::time_point end = start + absl::ToChronoNanoseconds(duration);
  std::atomic<size_t> next{0};
  std::vector<absl::Status> statuses(static_cast<size_t>(thread_count));
  std::vector<std::thread> threads;
  for (absl::Status& status : statuses) {
    threads.emplace_back([this, end, &next, &status] {
      rocksdb::WriteOptions options;
      options.sync = true;
      while (status.ok() && SteadyClock::now() < end) {
        rocksdb::WriteBatch batch;
        Stage(next++, &batch);
        status = FromRocksdb(db_->Write(options, &batch));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
  return static_cast<double>(next) /
         std::chrono::duration<double>(SteadyClock::now() - start).count();
}

}  // namespace colophon::bench
