#include "service/store/rocksdb/log_scan.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "service/store/rocksdb/crc32c.h"

namespace colophon {
namespace {

constexpr size_t kBlockBytes = 32768;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kWriteHeaderBytes = 12;  // Sequence and count.

enum RecordType : uint8_t { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

template <class Number>
Number TakeLittleEndian(std::string_view bytes) {
  Number number = 0;
  for (size_t i = sizeof(Number); i-- > 0;) {
    number = static_cast<Number>(number << 8 | static_cast<uint8_t>(bytes[i]));
  }
  return number;
}

// So that the sum of bytes which hold sums isn't degenerate.
uint32_t Masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8; }

struct Record {
  RecordType type;
  std::string_view payload;
  size_t size() const { return kHeaderBytes + payload.size(); }
};

// The record that `bytes`, the rest of a block, begin with; nullopt when it isn't
// whole.
std::optional<Record> ParseRecord(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const auto size = TakeLittleEndian<uint16_t>(bytes.substr(4));
  const auto type = static_cast<uint8_t>(bytes[6]);
  if (type < kWhole || type > kLast || size > bytes.size() - kHeaderBytes) return std::nullopt;
  const std::string_view payload = bytes.substr(kHeaderBytes, size);
  if (TakeLittleEndian<uint32_t>(bytes) != Masked(Crc32c(Crc32c(0, bytes.substr(6, 1)), payload))) {
    return std::nullopt;
  }
  return Record{static_cast<RecordType>(type), payload};
}

// Follows a log block by block.
class Scanner {
 public:
  Scanner(LogKind kind, LogScan* scan) : kind_(kind), scan_(*scan) {}

  // False at the first byte that isn't part of a whole entry.
  bool AddBlock(std::string_view block) {
    for (size_t at = 0; kBlockBytes - at >= kHeaderBytes && at < block.size();) {
      const std::optional<Record> record = ParseRecord(block.substr(at));
      if (!record) return false;
      if (!AddRecord(*record, offset_ + at + record->size())) return false;
      at += record->size();
    }
    offset_ += block.size();
    return true;
  }

 private:
  bool AddRecord(const Record& record, uint64_t record_end) {
    const bool begins = record.type == kWhole || record.type == kFirst;
    if (begins == in_entry_) {
      // The entry before has no end, or this one no beginning.
      scan_.goes_on = begins;
      return false;
    }
    if (begins) header_.clear();
    header_ += record.payload.substr(0, kWriteHeaderBytes - header_.size());
    in_entry_ = record.type == kFirst || record.type == kMiddle;
    if (in_entry_) return true;
    if (kind_ == LogKind::kWrites) {
      if (header_.size() < kWriteHeaderBytes) return false;
      scan_.next_sequence = TakeLittleEndian<uint64_t>(header_) +
                            TakeLittleEndian<uint32_t>(std::string_view(header_).substr(8));
    }
    scan_.end = record_end;
    return true;
  }

  const LogKind kind_;
  LogScan& scan_;
  uint64_t offset_ = 0;  // Of the block.
  bool in_entry_ = false;
  std::string header_;  // Of the entry, as much as was read.
};

// A write's, which isn't before `sequence`; far beyond it would be no write of this log.
bool IsLater(std::string_view payload, uint64_t sequence) {
  constexpr uint64_t kFar = uint64_t{1} << 40;
  if (payload.size() < sizeof(uint64_t)) return true;
  const auto found = TakeLittleEndian<uint64_t>(payload);
  return found > sequence && found - sequence < kFar;
}

// Whether a whole record that begins a later entry stands somewhere in the block. What
// callers send holds such bytes only if they guess the sequence.
bool HasLaterEntry(std::string_view block, size_t from, LogKind kind, uint64_t sequence) {
  for (size_t at = from; at + kHeaderBytes <= block.size(); ++at) {
    const char type = block[at + 6];
    if (type != kWhole && type != kFirst) continue;
    const auto size = TakeLittleEndian<uint16_t>(block.substr(at + 4));
    const std::string_view payload = block.substr(at + kHeaderBytes, size);
    if (kind == LogKind::kWrites && !IsLater(payload, sequence)) continue;
    if (ParseRecord(block.substr(at))) return true;
  }
  return false;
}

// Reads a log's blocks in order.
class BlockReader {
 public:
  static rocksdb::Status Open(rocksdb::Env* env, const std::string& path,
                              std::unique_ptr<BlockReader>* reader) {
    std::unique_ptr<rocksdb::SequentialFile> file;
    const rocksdb::Status status = env->NewSequentialFile(path, &file, rocksdb::EnvOptions());
    if (status.ok()) reader->reset(new BlockReader(std::move(file)));
    return status;
  }

  rocksdb::Status Skip(uint64_t bytes) { return file_->Skip(bytes); }

  // Empty at the end.
  rocksdb::Status Next(std::string_view* block) {
    size_t size = 0;
    while (size < kBlockBytes) {  // A read may be short.
      rocksdb::Slice read;
      const rocksdb::Status status = file_->Read(kBlockBytes - size, &read, buffer_.data() + size);
      if (!status.ok()) return status;
      if (read.empty()) break;
      if (read.data() != buffer_.data() + size) {
        std::copy(read.data(), read.data() + read.size(), buffer_.data() + size);
      }
      size += read.size();
    }
    *block = std::string_view(buffer_).substr(0, size);
    return rocksdb::Status::OK();
  }

 private:
  explicit BlockReader(std::unique_ptr<rocksdb::SequentialFile> file) : file_(std::move(file)) {}

  const std::unique_ptr<rocksdb::SequentialFile> file_;
  std::string buffer_ = std::string(kBlockBytes, '\0');
};

// Looks for a later entry behind the broken one, which begins at scan->end.
rocksdb::Status LookBehind(rocksdb::Env* env, const std::string& path, LogKind kind,
                           LogScan* scan) {
  std::unique_ptr<BlockReader> reader;
  rocksdb::Status status = BlockReader::Open(env, path, &reader);
  if (!status.ok()) return status;
  status = reader->Skip(scan->end - scan->end % kBlockBytes);
  size_t from = scan->end % kBlockBytes + 1;
  while (status.ok() && !scan->goes_on) {
    std::string_view block;
    status = reader->Next(&block);
    if (block.empty()) break;
    scan->goes_on = HasLaterEntry(block, from, kind, scan->next_sequence);
    from = 0;
  }
  return status;
}

}  // namespace

rocksdb::Status ScanLog(rocksdb::Env* env, const std::string& path, LogKind kind, LogScan* scan) {
  *scan = {};
  rocksdb::Status status = env->GetFileSize(path, &scan->size);
  std::unique_ptr<BlockReader> reader;
  if (status.ok()) status = BlockReader::Open(env, path, &reader);
  Scanner scanner(kind, scan);
  while (status.ok()) {
    std::string_view block;
    status = reader->Next(&block);
    if (block.empty() || !scanner.AddBlock(block)) break;
  }
  if (status.ok() && !scan->is_whole() && !scan->goes_on) {
    status = LookBehind(env, path, kind, scan);
  }
  return status;
}

rocksdb::Status CutLog(rocksdb::Env* env, const std::string& path, uint64_t end) {
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env->ReopenWritableFile(path, &file, rocksdb::EnvOptions());
  if (status.ok()) status = file->Truncate(end);
  if (status.ok()) status = file->Fsync();
  if (status.ok()) status = file->Close();
  return status;
}

}  // namespace colophon
