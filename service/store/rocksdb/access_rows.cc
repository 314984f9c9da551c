#include "service/store/rocksdb/access_rows.h"

#include <utility>

#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/scan.h"

namespace colophon {
namespace {

constexpr std::string_view kWhat = "a caller's key";

}  // namespace

std::unique_ptr<Write> MakeKeysWrite(const std::vector<store::v1::KeyRow>& keys, Done done) {
  std::vector<SealedRow> rows;
  for (const store::v1::KeyRow& key : keys) {
    rows.emplace_back(Family::kMeta, AccessKey(key.key().id()), key);
  }
  return MakeRowsWrite(std::move(rows), std::move(done));
}

absl::StatusOr<std::vector<store::v1::KeyRow>> ReadKeys(const Database& database,
                                                        const rocksdb::Snapshot* snapshot) {
  std::vector<store::v1::KeyRow> keys;
  Scan scan(database, Family::kMeta, "K", {.snapshot = snapshot});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    ASSIGN_OR_RETURN(const std::string_view content, Unseal(scan.key(), scan.value(), kWhat));
    ASSIGN_OR_RETURN(store::v1::KeyRow key, ParseContent<store::v1::KeyRow>(content, kWhat));
    if (AccessKey(key.key().id()) != scan.key()) return DamagedRow(kWhat);
    keys.push_back(std::move(key));
  }
  RETURN_IF_ERROR(scan.status());
  return keys;
}

}  // namespace colophon
