#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rocksdb/env.h"
#include "service/base/status.h"

namespace colophon {

// How far the store had surely come: all writes up to `sequence` were synced, the
// newest of them within the first `log_bytes` of the log `log`; and so were the first
// `manifest_bytes` of the manifest, which says what tables there are. A file that was
// lost or cut short can't say so itself, so it stands in a file of its own.
struct SyncedMark {
  uint64_t sequence = 0;  // 0: nothing was written yet.
  uint64_t log = 0;       // 0: no log is needed, all is in tables.
  uint64_t log_bytes = 0;
  uint64_t manifest = 0;  // 0: not known.
  uint64_t manifest_bytes = 0;

  friend bool operator==(const SyncedMark&, const SyncedMark&) = default;
};

// The file SYNCED of a store's directory. NOTE: the persistent format.
//
//   file   slot at 0, zeros, slot at 4096, zeros; 8192 bytes
//   slot   "colsync1" u64:turn u64:sequence u64:log u64:log_bytes u64:manifest
//          u64:manifest_bytes u32:crc
//
// Numbers are big-endian, crc is the CRC-32C of the slot before it. The slots are
// written in turn and in place, one a second at most while there are writes: a cut
// write spoils one slot and the other still stands, nothing has to be renamed, and
// a full disk has the room already. The slot with the greater turn counts.
//
// Thread-compatible.
class SyncedFile {
 public:
  static constexpr char kName[] = "SYNCED";

  // Makes the file, or replaces it as a whole, durably.
  static rocksdb::Status Create(rocksdb::Env* env, const std::string& directory,
                                const SyncedMark& mark);
  // nullopt when there is no such file; DATA_LOSS CORRUPT_STORE when neither slot
  // is whole.
  static absl::StatusOr<std::optional<SyncedMark>> Read(rocksdb::Env* env,
                                                        const std::string& directory);

  // REQUIRES: the file is there. Write is durable when it returns.
  static rocksdb::Status Open(rocksdb::Env* env, const std::string& directory,
                              std::unique_ptr<SyncedFile>* file);
  rocksdb::Status Write(const SyncedMark& mark);

 private:
  SyncedFile(std::unique_ptr<rocksdb::RandomRWFile> file, uint64_t turn)
      : file_(std::move(file)), turn_(turn) {}

  const std::unique_ptr<rocksdb::RandomRWFile> file_;
  uint64_t turn_;  // Of the slot written last.
};

}  // namespace colophon
