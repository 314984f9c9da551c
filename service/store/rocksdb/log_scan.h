#pragma once

#include <cstdint>
#include <string>

#include "rocksdb/env.h"

namespace colophon {

// The two kinds of file that RocksDB writes as logs, an entry at a time.
enum class LogKind { kWrites, kManifest };

// What is whole of a log, from its beginning to the first byte that isn't.
struct LogScan {
  uint64_t size = 0;           // Of the file.
  uint64_t end = 0;            // Behind the last whole entry.
  uint64_t next_sequence = 0;  // kWrites: of an entry there; 0 when none is whole.
  // Behind `end` a later entry begins that is whole in itself: what is broken there
  // was not the last one.
  bool goes_on = false;

  bool is_whole() const { return end == size; }
};

// Reads RocksDB's log format (db/log_format.h of its source) as version 7.8 writes
// it without recycling and compression:
//
//   log      block of 32768 bytes...
//   block    record... trailer: up to 6 zeros where no header fits
//   record   u32:crc u16:size u8:type payload       little-endian; crc is the masked
//            CRC-32C of type and payload; type 1 whole, 2 first, 3 middle, 4 last
//   entry    the payloads of a whole record, or of first, middle..., last
//            kWrites: u64:sequence u32:count rows
//
// Entries are written and synced one after the other, and nobody is told of one before
// that: after a crash at most the last one of the newest log is cut or torn.
rocksdb::Status ScanLog(rocksdb::Env* env, const std::string& path, LogKind kind, LogScan* scan);

// Cuts a log off behind its last whole entry, durably.
rocksdb::Status CutLog(rocksdb::Env* env, const std::string& path, uint64_t end);

}  // namespace colophon
