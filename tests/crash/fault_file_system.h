#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace colophon {

// The system's files, of which one operation that changes something fails: the n-th, or
// the n-th and all after it. An append that fails has written half of what it should, as
// on a disk that is full.
//
// Thread-safe.
class FaultFileSystem : public rocksdb::FileSystemWrapper {
 public:
  struct Fault {
    int64_t operation = 0;  // From 1; 0: none fails.
    bool lasts = false;
    rocksdb::IOStatus status;
  };

  // `on_fault` is called before the first one fails, with the operation and its file.
  FaultFileSystem(Fault fault, std::function<void(const std::string&)> on_fault)
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        fault_(std::move(fault)),
        on_fault_(std::move(on_fault)) {}

  const char* Name() const override { return "FaultFileSystem"; }
  // Operations until now.
  int64_t count() const { return count_; }

  using Status = rocksdb::IOStatus;
  using Options = rocksdb::IOOptions;
  using Debug = rocksdb::IODebugContext;

  Status NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                         std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override {
    if (Status s = Take("create", name); !s.ok()) return s;
    return Wrapped(target()->NewWritableFile(name, options, file, debug), name, file);
  }
  Status ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                            std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override {
    if (Status s = Take("reopen", name); !s.ok()) return s;
    return Wrapped(target()->ReopenWritableFile(name, options, file, debug), name, file);
  }
  Status NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                         std::unique_ptr<rocksdb::FSRandomRWFile>* file, Debug* debug) override {
    if (Status s = Take("open", name); !s.ok()) return s;
    Status status = target()->NewRandomRWFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<RandomFile>(this, name, std::move(*file));
    return status;
  }
  Status NewDirectory(const std::string& name, const Options& options,
                      std::unique_ptr<rocksdb::FSDirectory>* directory, Debug* debug) override {
    if (Status s = Take("open", name); !s.ok()) return s;
    Status status = target()->NewDirectory(name, options, directory, debug);
    if (status.ok()) *directory = std::make_unique<Directory>(this, name, std::move(*directory));
    return status;
  }
  Status CreateDir(const std::string& name, const Options& options, Debug* debug) override {
    if (Status s = Take("mkdir", name); !s.ok()) return s;
    return target()->CreateDir(name, options, debug);
  }
  Status CreateDirIfMissing(const std::string& name, const Options& options,
                            Debug* debug) override {
    if (Status s = Take("mkdir", name); !s.ok()) return s;
    return target()->CreateDirIfMissing(name, options, debug);
  }
  Status RenameFile(const std::string& from, const std::string& to, const Options& options,
                    Debug* debug) override {
    if (Status s = Take("rename", from); !s.ok()) return s;
    return target()->RenameFile(from, to, options, debug);
  }
  Status LinkFile(const std::string& from, const std::string& to, const Options& options,
                  Debug* debug) override {
    if (Status s = Take("link", from); !s.ok()) return s;
    return target()->LinkFile(from, to, options, debug);
  }
  Status DeleteFile(const std::string& name, const Options& options, Debug* debug) override {
    if (Status s = Take("unlink", name); !s.ok()) return s;
    return target()->DeleteFile(name, options, debug);
  }
  Status LockFile(const std::string& name, const Options& options, rocksdb::FileLock** lock,
                  Debug* debug) override {
    if (Status s = Take("lock", name); !s.ok()) return s;
    return target()->LockFile(name, options, lock, debug);
  }

 private:
  class WritableFile : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    WritableFile(FaultFileSystem* system, std::string name,
                 std::unique_ptr<rocksdb::FSWritableFile>&& file)
        : FSWritableFileOwnerWrapper(std::move(file)), system_(*system), name_(std::move(name)) {}

    Status Append(const rocksdb::Slice& data, const Options& options, Debug* debug) override {
      if (Status s = system_.Take("append", name_); !s.ok()) {
        FSWritableFileWrapper::Append(Half(data), options, debug);
        return s;
      }
      return FSWritableFileWrapper::Append(data, options, debug);
    }
    Status Append(const rocksdb::Slice& data, const Options& options,
                  const rocksdb::DataVerificationInfo& verification, Debug* debug) override {
      if (Status s = system_.Take("append", name_); !s.ok()) {
        FSWritableFileWrapper::Append(Half(data), options, debug);
        return s;
      }
      return FSWritableFileWrapper::Append(data, options, verification, debug);
    }
    Status Truncate(uint64_t size, const Options& options, Debug* debug) override {
      if (Status s = system_.Take("truncate", name_); !s.ok()) return s;
      return FSWritableFileWrapper::Truncate(size, options, debug);
    }
    Status Close(const Options& options, Debug* debug) override {
      const Status fault = system_.Take("close", name_);
      const Status status = FSWritableFileWrapper::Close(options, debug);
      return fault.ok() ? status : fault;
    }
    Status Sync(const Options& options, Debug* debug) override {
      if (Status s = system_.Take("sync", name_); !s.ok()) return s;
      return FSWritableFileWrapper::Sync(options, debug);
    }
    Status Fsync(const Options& options, Debug* debug) override {
      if (Status s = system_.Take("fsync", name_); !s.ok()) return s;
      return FSWritableFileWrapper::Fsync(options, debug);
    }
    Status RangeSync(uint64_t offset, uint64_t size, const Options& options,
                     Debug* debug) override {
      if (Status s = system_.Take("range sync", name_); !s.ok()) return s;
      return FSWritableFileWrapper::RangeSync(offset, size, options, debug);
    }
    Status Allocate(uint64_t offset, uint64_t size, const Options& options, Debug* debug) override {
      if (Status s = system_.Take("allocate", name_); !s.ok()) return s;
      return FSWritableFileWrapper::Allocate(offset, size, options, debug);
    }

   private:
    static rocksdb::Slice Half(const rocksdb::Slice& data) {
      return {data.data(), data.size() / 2};
    }

    FaultFileSystem& system_;
    const std::string name_;
  };

  class RandomFile : public rocksdb::FSRandomRWFileOwnerWrapper {
   public:
    RandomFile(FaultFileSystem* system, std::string name,
               std::unique_ptr<rocksdb::FSRandomRWFile>&& file)
        : FSRandomRWFileOwnerWrapper(std::move(file)), system_(*system), name_(std::move(name)) {}

    Status Write(uint64_t offset, const rocksdb::Slice& data, const Options& options,
                 Debug* debug) override {
      if (Status s = system_.Take("write", name_); !s.ok()) {
        const rocksdb::Slice half(data.data(), data.size() / 2);
        FSRandomRWFileWrapper::Write(offset, half, options, debug);
        return s;
      }
      return FSRandomRWFileWrapper::Write(offset, data, options, debug);
    }
    Status Sync(const Options& options, Debug* debug) override {
      if (Status s = system_.Take("sync", name_); !s.ok()) return s;
      return FSRandomRWFileWrapper::Sync(options, debug);
    }

   private:
    FaultFileSystem& system_;
    const std::string name_;
  };

  class Directory : public rocksdb::FSDirectoryWrapper {
   public:
    Directory(FaultFileSystem* system, std::string name,
              std::unique_ptr<rocksdb::FSDirectory>&& directory)
        : FSDirectoryWrapper(std::move(directory)), system_(*system), name_(std::move(name)) {}

    Status Fsync(const Options& options, Debug* debug) override {
      if (Status s = system_.Take("fsync", name_); !s.ok()) return s;
      return FSDirectoryWrapper::Fsync(options, debug);
    }
    Status FsyncWithDirOptions(const Options& options, Debug* debug,
                               const rocksdb::DirFsyncOptions& directory_options) override {
      if (Status s = system_.Take("fsync", name_); !s.ok()) return s;
      return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, directory_options);
    }

   private:
    FaultFileSystem& system_;
    const std::string name_;
  };

  Status Wrapped(Status status, const std::string& name,
                 std::unique_ptr<rocksdb::FSWritableFile>* file) {
    if (status.ok()) *file = std::make_unique<WritableFile>(this, name, std::move(*file));
    return status;
  }

  // Counts an operation; its error when it is to fail.
  Status Take(const char* operation, const std::string& name) {
    const int64_t number = ++count_;
    if (fault_.operation == 0 || number < fault_.operation ||
        (number > fault_.operation && !fault_.lasts)) {
      return Status::OK();
    }
    if (number == fault_.operation) {
      on_fault_(std::string(operation) + " " + name.substr(name.rfind('/') + 1));
    }
    return fault_.status;
  }

  const Fault fault_;
  const std::function<void(const std::string&)> on_fault_;
  std::atomic<int64_t> count_{0};
};

}  // namespace colophon
