#include "service/store/rocksdb/scan.h"

#include <utility>

#include "service/store/rocksdb/keys.h"

namespace colophon {

Scan::Scan(const Database& database, Family family, std::string begin, std::string end,
           const ScanOptions& options)
    : database_(database),
      begin_(std::move(begin)),
      end_(std::move(end)),
      begin_slice_(ToSlice(begin_)),
      end_slice_(ToSlice(end_)) {
  rocksdb::ReadOptions read;
  read.snapshot = options.snapshot;
  read.fill_cache = options.fill_cache;
  // Without it a bloom filter may hide rows from a scan across prefixes.
  read.total_order_seek = !options.use_bloom;
  read.prefix_same_as_start = options.use_bloom;
  read.iterate_lower_bound = &begin_slice_;
  if (!end_.empty()) read.iterate_upper_bound = &end_slice_;
  iterator_.reset(database.db()->NewIterator(read, database.handle(family)));
}

Scan::Scan(const Database& database, Family family, const std::string& prefix,
           const ScanOptions& options)
    : Scan(database, family, prefix, AfterPrefix(prefix), options) {}

}  // namespace colophon
