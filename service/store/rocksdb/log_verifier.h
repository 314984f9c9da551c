#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rocksdb/snapshot.h"
#include "service/store/checker.h"
#include "service/store/log_store.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/key_set.h"

namespace colophon {

// What leaves stand for: their kind and key, as in the leaf (leaves.h).
class LeafSet {
 public:
  void Add(LeafKind kind, std::string_view key);
  int64_t size() const { return keys_.size(); }

  friend bool operator==(const LeafSet&, const LeafSet&) = default;

 private:
  KeySet keys_;
};

// Walks the log of one repository in a snapshot: that it has no hole, that each
// leaf is the hash of the row it stands for, and that every such row has its
// leaf.
//
// Thread-compatible.
class LogVerifier {
 public:
  // `expected`: the intents and outcomes that are there.
  LogVerifier(const Database* database, const rocksdb::Snapshot* snapshot, std::string repository,
              const LeafSet& expected, Problems* problems)
      : database_(*database),
        snapshot_(snapshot),
        repository_(std::move(repository)),
        expected_(expected),
        problems_(*problems) {}

  // An error only when the store can't be read.
  absl::Status Verify();

 private:
  absl::Status ExpectChanges();
  absl::Status CheckLeaf(const LogLeaf& leaf);
  // What a leaf's hash is over; empty when the row isn't there.
  absl::StatusOr<std::string> ReadStored(const LogLeaf& leaf) const;

  const Database& database_;
  const rocksdb::Snapshot* const snapshot_;
  const std::string repository_;
  LeafSet expected_;
  LeafSet found_;
  Problems& problems_;
};

}  // namespace colophon
