#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/wal_filter.h"
#include "rocksdb/write_batch.h"
#include "service/store/rocksdb/options.h"
#include "service/store/rocksdb/synced_mark.h"

namespace colophon {

// That no write which was acknowledged is missing from the write-ahead logs of a
// closed store. Together:
//
//   CheckManifest   before opening: it is as long as it was known to be, and whole so far
//   CheckLogs       before opening: the newest log is there and as long as it was known
//                   to be; every log is whole, but for a last write of the newest that
//                   was cut short
//   RocksDB         every other log it needs: there and as long as its manifest says
//   LogContinuity   each batch it replays goes on where the one before ended
//   the mark        its sequence was reached when all is replayed
//
// What none can tell: the header of the very last batch of the newest log was damaged,
// and that batch was written less than a second before the store was ended without a
// stop. It then looks as a batch that the end cut short, which nobody was told of.

// The numbers of the logs in a store's directory, ascending.
absl::StatusOr<std::vector<uint64_t>> ListLogs(rocksdb::Env* env, const std::string& directory);
// "DIRECTORY/000012.log"
std::string LogPath(const std::string& directory, uint64_t number);

absl::Status LostWrites(const std::string& directory, std::string_view fact);

// DATA_LOSS CORRUPT_STORE. RocksDB itself takes a broken end for what a crash left: it
// would open on older tables, and remove the newer ones.
absl::Status CheckManifest(rocksdb::Env* env, const std::string& directory, const SyncedMark& mark);

// DATA_LOSS LOST_WRITES. What a crash cut off at the end of the newest log is cut off
// behind the last whole write, so that RocksDB can insist on whole ones.
absl::Status CheckLogs(rocksdb::Env* env, const std::string& directory, const SyncedMark& mark,
                       const StoreLog& log);

// Refuses a batch that doesn't go on where the one before ended: a log between, or
// the end of one, is missing.
//
// For one opening of a database, by one thread.
class LogContinuity : public rocksdb::WalFilter {
 public:
  const char* Name() const override { return "LogContinuity"; }

  WalProcessingOption LogRecordFound(unsigned long long log, const std::string& path,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                     bool*) override;

  // What is missing; empty when nothing is.
  const std::string& gap() const { return gap_; }
  // Behind the last batch; nullopt when there was none to replay.
  std::optional<uint64_t> next_sequence() const { return next_sequence_; }

 private:
  std::optional<uint64_t> next_sequence_;
  unsigned long long last_log_ = 0;
  std::string gap_;
};

}  // namespace colophon
