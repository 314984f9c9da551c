#include "service/store/rocksdb/leaves.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/scan.h"

namespace colophon {
namespace {

std::optional<LogLeaf> TakeLeaf(std::string_view* content) {
  LogLeaf leaf;
  if (content->empty()) return std::nullopt;
  leaf.kind = static_cast<LeafKind>(content->front());
  content->remove_prefix(1);
  if (leaf.kind == LeafKind::kChange) {
    const std::optional<uint64_t> sequence = TakeU64(content);
    if (!sequence) return std::nullopt;
    leaf.sequence = static_cast<int64_t>(*sequence);
  } else if (leaf.kind == LeafKind::kIntent || leaf.kind == LeafKind::kOutcome) {
    if (content->size() < kRecordIdBytes) return std::nullopt;
    leaf.record_id = UuidFromBytes(content->substr(0, kRecordIdBytes));
    content->remove_prefix(kRecordIdBytes);
  } else {
    return std::nullopt;
  }
  if (content->size() < leaf.hash.size()) return std::nullopt;
  std::memcpy(leaf.hash.data(), content->data(), leaf.hash.size());
  content->remove_prefix(leaf.hash.size());
  return leaf;
}

}  // namespace

Sha256Digest LeafHash(LeafKind kind, std::string_view key, std::string_view stored) {
  constexpr char kLeafPrefix = '\0';  // RFC 6962, 2.1.
  std::string bytes;
  bytes.reserve(2 + key.size() + stored.size());
  bytes += kLeafPrefix;
  bytes += static_cast<char>(kind);
  bytes += key;
  bytes += stored;
  return Sha256(bytes);
}

std::string LeafKeyOfChange(int64_t sequence) {
  std::string key;
  AppendU64(static_cast<uint64_t>(sequence), &key);
  return key;
}

std::string EncodeLeaf(LeafKind kind, std::string_view key, std::string_view stored) {
  std::string leaf(1, static_cast<char>(kind));
  leaf += key;
  const Sha256Digest hash = LeafHash(kind, key, stored);
  leaf.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  return leaf;
}

std::optional<std::vector<LogLeaf>> DecodeLeaves(std::string_view content) {
  std::vector<LogLeaf> leaves;
  while (!content.empty()) {
    std::optional<LogLeaf> leaf = TakeLeaf(&content);
    if (!leaf) return std::nullopt;
    leaves.push_back(*std::move(leaf));
  }
  return leaves;
}

absl::StatusOr<int64_t> ReadLogSize(const Database& database, std::string_view repository) {
  Scan scan(database, Family::kLog, LogPrefix(repository));
  scan.SeekToLast();
  if (!scan.Valid()) {
    RETURN_IF_ERROR(scan.status());
    return 0;
  }
  const std::optional<int64_t> end = EndOfLogKey(scan.key());
  if (!end) return DamagedRow(fmt::format("the log of \"{}\"", repository));
  return *end;
}

absl::StatusOr<std::vector<LogLeaf>> ReadLeaves(const Database& database,
                                                std::string_view repository, int64_t from,
                                                int limit) {
  from = std::max<int64_t>(from, 0);
  std::vector<LogLeaf> leaves;
  Scan scan(database, Family::kLog, LogPrefix(repository));
  for (scan.Seek(LogKey(repository, from + 1)); scan.Valid(); scan.Next()) {
    const std::string what = fmt::format("leaves of the log of \"{}\"", repository);
    ASSIGN_OR_RETURN(const std::string_view content, Unseal(scan.key(), scan.value(), what));
    const std::optional<int64_t> end = EndOfLogKey(scan.key());
    const std::optional<std::vector<LogLeaf>> row = DecodeLeaves(content);
    if (!end || !row) return DamagedRow(what);
    for (int64_t index = *end - std::ssize(*row); const LogLeaf& leaf : *row) {
      if (std::ssize(leaves) >= limit) return leaves;
      if (index++ >= from) leaves.push_back(leaf);
    }
  }
  RETURN_IF_ERROR(scan.status());
  return leaves;
}

}  // namespace colophon
