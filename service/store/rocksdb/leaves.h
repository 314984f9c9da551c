#pragma once

// The leaves of a repository's log, as they are written and read: a row for
// those of one batch. A row a leaf would cost the committer an insertion more
// for each record's row.
//
//   leaves row   leaf...                       of one batch
//   leaf         u8:kind key hash[32]
//   key          u64:sequence of a change, or id[16] of a record
//
// A leaf's hash is over what stands in the value of its row, but for the seal
// (rows.h); a change's over those of its pages, one behind the other.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/hash.h"
#include "service/store/log_store.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/rows.h"

namespace colophon {

// RFC 6962's hash of a leaf.
Sha256Digest LeafHash(std::string_view stored);

std::string EncodeChangeLeaf(int64_t sequence, const Sha256Digest& hash);
// `id` is 16 bytes; the row is an intent's or an outcome's.
std::string EncodeRecordLeaf(LeafKind kind, std::string_view id, const SealedRow& row);
// nullopt when the content isn't a row of leaves.
std::optional<std::vector<LogLeaf>> DecodeLeaves(std::string_view content);

// How many leaves there are.
absl::StatusOr<int64_t> ReadLogSize(const Database& database, std::string_view repository);

// Of a repository that is there.
absl::StatusOr<std::vector<LogLeaf>> ReadLeaves(const Database& database,
                                                std::string_view repository, int64_t from,
                                                int limit);

}  // namespace colophon
