#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rocksdb/iterator.h"
#include "service/store/rocksdb/database.h"

namespace colophon {

// How a Scan reads.
struct ScanOptions {
  const rocksdb::Snapshot* snapshot = nullptr;
  // For walks through everything: don't throw out what is in use.
  bool fill_cache = true;
  // The scan stays within one bloom prefix of the family (kIndexBloomPrefix).
  bool use_bloom = false;
};

// A cursor over the rows of one family whose keys lie in [begin, end), or
// begin with a prefix. It stands before the first row until it is moved.
//
// Thread-compatible.
class Scan {
 public:
  Scan(const Database& database, Family family, std::string begin, std::string end,
       const ScanOptions& options = {});
  Scan(const Database& database, Family family, const std::string& prefix,
       const ScanOptions& options = {});
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  void SeekToFirst() { iterator_->SeekToFirst(); }
  void SeekToLast() { iterator_->SeekToLast(); }
  // To the first row at or after / the last row at or before `key`.
  void Seek(std::string_view key) { iterator_->Seek(ToSlice(key)); }
  void SeekForPrev(std::string_view key) { iterator_->SeekForPrev(ToSlice(key)); }
  void Next() { iterator_->Next(); }
  void Prev() { iterator_->Prev(); }

  // False past the ends and after an error.
  bool Valid() const { return iterator_->Valid(); }
  // To be checked when it is no longer valid.
  absl::Status status() const { return database_.ReadStatus(iterator_->status()); }

  std::string_view key() const { return ToView(iterator_->key()); }
  std::string_view value() const { return ToView(iterator_->value()); }

 private:
  const Database& database_;
  // Constant after construction: the iterator points to them.
  const std::string begin_;
  const std::string end_;
  const rocksdb::Slice begin_slice_;
  const rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace colophon
