#include "service/store/rocksdb/log_verifier.h"

#include <optional>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/leaves.h"
#include "service/store/rocksdb/scan.h"

namespace colophon {
namespace {

std::string KeyOf(const LogLeaf& leaf) {
  if (leaf.kind == LeafKind::kChange) return LeafKeyOfChange(leaf.sequence);
  return UuidToBytes(leaf.record_id).value_or("");
}

std::string Describe(const LogLeaf& leaf) {
  switch (leaf.kind) {
    case LeafKind::kChange:
      return fmt::format("change {}", leaf.sequence);
    case LeafKind::kIntent:
      return fmt::format("the intent of record {}", leaf.record_id);
    case LeafKind::kOutcome:
      return fmt::format("the outcome of record {}", leaf.record_id);
  }
  return "";
}

}  // namespace

void LeafSet::Add(LeafKind kind, std::string_view key) {
  std::string kind_and_key(1, static_cast<char>(kind));
  kind_and_key += key;
  keys_.Add(kind_and_key);
}

absl::Status LogVerifier::Verify() {
  RETURN_IF_ERROR(ExpectChanges());
  const ScanOptions options{.snapshot = snapshot_, .fill_cache = false};
  Scan scan(database_, Family::kLog, LogPrefix(repository_), options);
  int64_t next = 0;
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const auto content = Unseal(scan.key(), scan.value(), "the log");
    const std::optional<int64_t> end = EndOfLogKey(scan.key());
    const auto leaves = content.ok() ? DecodeLeaves(*content) : std::nullopt;
    if (!end || !leaves) {
      problems_.Add(repository_, fmt::format("log row (key {}) is damaged", HexEncode(scan.key())));
    }
    const int64_t begin = std::exchange(next, end.value_or(next));
    if (!end || !leaves) continue;
    if (begin + std::ssize(*leaves) != *end) {
      problems_.Add(repository_,
                    fmt::format("the log's row of {} leaves up to {} doesn't follow the {} before",
                                leaves->size(), *end, begin));
    }
    for (const LogLeaf& leaf : *leaves) RETURN_IF_ERROR(CheckLeaf(leaf));
  }
  RETURN_IF_ERROR(scan.status());
  if (found_ != expected_) {
    problems_.Add(repository_,
                  fmt::format("the log has {} leaves, and {} changes, intents and outcomes are "
                              "there: they aren't of each other",
                              found_.size(), expected_.size()));
  }
  return absl::OkStatus();
}

absl::Status LogVerifier::ExpectChanges() {
  const std::string prefix = RegistryPrefix(RegistryKind::kChange, repository_);
  Scan scan(database_, Family::kRegistry, prefix, {.snapshot = snapshot_, .fill_cache = false});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    expected_.Add(LeafKind::kChange, scan.key().substr(prefix.size()));
  }
  return scan.status();
}

absl::Status LogVerifier::CheckLeaf(const LogLeaf& leaf) {
  found_.Add(leaf.kind, KeyOf(leaf));
  ASSIGN_OR_RETURN(const std::string stored, ReadStored(leaf));
  if (stored.empty()) {
    problems_.Add(repository_,
                  fmt::format("{} has a leaf in the log and isn't there", Describe(leaf)));
  } else if (LeafHash(leaf.kind, KeyOf(leaf), stored) != leaf.hash) {
    problems_.Add(
        repository_,
        fmt::format("{} isn't what was written: its hash is not that of its leaf in the log",
                    Describe(leaf)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> LogVerifier::ReadStored(const LogLeaf& leaf) const {
  const bool is_change = leaf.kind == LeafKind::kChange;
  const std::string id = KeyOf(leaf);
  const std::string key = is_change                        ? ChangeKey(repository_, leaf.sequence)
                          : leaf.kind == LeafKind::kIntent ? IntentKey(id)
                                                           : OutcomeKey(id);
  ASSIGN_OR_RETURN(const std::optional<std::string> row,
                   database_.Get(is_change ? Family::kRegistry : Family::kRecords, key, snapshot_));
  if (!row) return "";
  std::string stored(StoredPart(*row));
  if (!is_change) return stored;
  std::string pages = ChangePageKey(repository_, leaf.sequence, 0);
  pages.resize(pages.size() - sizeof(uint32_t));
  Scan scan(database_, Family::kRegistry, pages, {.snapshot = snapshot_, .fill_cache = false});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) stored += StoredPart(scan.value());
  RETURN_IF_ERROR(scan.status());
  return stored;
}

}  // namespace colophon
