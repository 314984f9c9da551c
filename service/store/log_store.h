#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/hash.h"
#include "service/base/status.h"

namespace colophon {

// What a leaf stands for. NOTE: the values are part of the persistent format.
enum class LeafKind : uint8_t { kChange = 1, kIntent = 2, kOutcome = 3 };

struct LogLeaf {
  LeafKind kind = LeafKind::kChange;
  int64_t sequence = 0;   // kChange.
  std::string record_id;  // kIntent, kOutcome.
  // RFC 6962's, over what it stands for and the exact bytes that are stored of it: an
  // implementation says which.
  Sha256Digest hash{};

  friend bool operator==(const LogLeaf &, const LogLeaf &) = default;
};

// The part of a store that has each repository's log: a leaf for every change
// that isn't a draft, every intent and every outcome, in the order they were
// written. A leaf is written in the transaction of what it stands for.
//
// Thread-safe. Reads may block for a disk read.
class LogStore {
 public:
  virtual ~LogStore() = default;

  // How many leaves the repository has. NOT_FOUND REPOSITORY_NOT_FOUND, also below.
  virtual absl::StatusOr<int64_t> GetLogSize(std::string_view repository) = 0;
  // Those from the index `from` on, counted from 0, at most `limit`.
  virtual absl::StatusOr<std::vector<LogLeaf>> ListLeaves(std::string_view repository, int64_t from,
                                                          int limit) = 0;
};

}  // namespace colophon
