#pragma once

// The leaves of a repository's log, as they are written and read: a row for
// those of one batch. A row a leaf would cost the committer an insertion more
// for each record's row.
//
//   leaves row   leaf...                       of one batch
//   leaf         u8:kind key hash[32]
//   key          u64:sequence of a change, or id[16] of a record
//
// A leaf's hash is RFC 6962's, over
//
//   leaf data    u8:kind key stored
//   stored       the value of its row but for the seal (rows.h); of a change, those of
//                its pages, one behind the other
//
// so that a leaf also says which change or record it is of.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/hash.h"
#include "service/store/log_store.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/rows.h"

namespace colophon {

// `key` and `stored` as above.
Sha256Digest LeafHash(LeafKind kind, std::string_view key, std::string_view stored);

std::string LeafKeyOfChange(int64_t sequence);
std::string EncodeLeaf(LeafKind kind, std::string_view key, std::string_view stored);
// nullopt when the content isn't a row of leaves.
std::optional<std::vector<LogLeaf>> DecodeLeaves(std::string_view content);

// How many leaves there are.
absl::StatusOr<int64_t> ReadLogSize(const Database& database, std::string_view repository);

// Of a repository that is there.
absl::StatusOr<std::vector<LogLeaf>> ReadLeaves(const Database& database,
                                                std::string_view repository, int64_t from,
                                                int limit);

}  // namespace colophon
