#pragma once

// Everything that must survive: an interface of whole transactions. Nothing
// above this folder knows which database is behind it.

#include <cstdint>
#include <string>

#include "colophon/v1/admin.pb.h"
#include "service/store/change_store.h"
#include "service/store/key_store.h"
#include "service/store/log_store.h"
#include "service/store/object_store.h"
#include "service/store/record_store.h"

namespace colophon {

// What the store takes, and what it may still take.
struct StoreSpace {
  int64_t store_bytes = 0;      // Of its files.
  int64_t disk_free_bytes = 0;  // Of their file system.
};

// A store of repositories and records, in parts: who needs one takes that part, and
// sees nothing of the others. One committer is behind them all.
//
// Writes are handed to one committer, which writes all that wait with one
// sync; `done` is called on its thread, in the order of the calls, when the
// write is durable, and must not block. Two writes of one caller are never
// reordered. After a failed sync what reached the disk is not known: every
// write from then on is UNAVAILABLE (STORE_FAILED), `failed()` is true, and
// the process is to exit and start again.
//
// When room becomes scarce, what begins something (a repository, a change, an intent,
// a whole record, scores) is RESOURCE_EXHAUSTED DISK_LOW, with RetryInfo; outcomes and reads
// go on.
//
// Reads see every write whose `done` was called. Damaged bytes are DATA_LOSS.
//
// Thread-safe. Reads may block for a disk read.
class Store : public ChangeStore,
              public ObjectStore,
              public RecordStore,
              public LogStore,
              public KeyStore {
 public:
  // Walks everything: hashes of objects, refs that point to commits, changes
  // without holes whose commits exist, versions whose files exist and whose
  // digest is right, labels that point to versions, records and their index
  // entries both ways, as many records as were written, the log's leaves and what they
  // stand for both ways. A loss that was accepted is a problem for good.
  virtual absl::StatusOr<v1::VerifyStoreResponse> Verify() = 0;

  // Writes a consistent copy into `directory`, which must not exist, and syncs
  // it. Returns its size in bytes.
  virtual absl::StatusOr<int64_t> Backup(const std::string& directory) = 0;

  virtual absl::StatusOr<StoreSpace> GetSpace() = 0;

  // True after a failed sync.
  virtual bool failed() const = 0;
};

}  // namespace colophon
