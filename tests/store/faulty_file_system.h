#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace colophon {

// The system's files, but for the write-ahead log: when told, the next append
// to it or sync of it fails, once.
//
// Thread-safe.
class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  enum class Fault { kNone, kAppend, kSync };

  FaultyFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "FaultyFileSystem"; }

  void FailNext(Fault fault, rocksdb::IOStatus status) {
    status_ = std::move(status);
    fault_ = fault;
  }
  // Syncs of the log until now.
  int sync_count() const { return sync_count_; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status = target()->NewWritableFile(name, options, file, debug);
    if (status.ok() && name.ends_with(".log")) {
      *file = std::make_unique<FaultyLog>(this, std::move(*file));
    }
    return status;
  }

 private:
  class FaultyLog : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    FaultyLog(FaultyFileSystem* system, std::unique_ptr<rocksdb::FSWritableFile>&& file)
        : FSWritableFileOwnerWrapper(std::move(file)), system_(*system) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      const rocksdb::IOStatus fault = system_.TakeFault(Fault::kAppend);
      return fault.ok() ? FSWritableFileWrapper::Append(data, options, debug) : fault;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& verification,
                             rocksdb::IODebugContext* debug) override {
      const rocksdb::IOStatus fault = system_.TakeFault(Fault::kAppend);
      return fault.ok() ? FSWritableFileWrapper::Append(data, options, verification, debug) : fault;
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
      ++system_.sync_count_;
      const rocksdb::IOStatus fault = system_.TakeFault(Fault::kSync);
      return fault.ok() ? FSWritableFileWrapper::Sync(options, debug) : fault;
    }

   private:
    FaultyFileSystem& system_;
  };

  rocksdb::IOStatus TakeFault(Fault fault) {
    Fault expected = fault;
    if (!fault_.compare_exchange_strong(expected, Fault::kNone)) return rocksdb::IOStatus::OK();
    return status_;
  }

  rocksdb::IOStatus status_;  // Set before fault_, read after it.
  std::atomic<Fault> fault_{Fault::kNone};
  std::atomic<int> sync_count_{0};
};

}  // namespace colophon
