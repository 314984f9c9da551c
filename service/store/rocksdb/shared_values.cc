#include "service/store/rocksdb/shared_values.h"

#include <optional>
#include <utility>
#include <vector>

#include "service/base/hash.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rows.h"

namespace colophon {

std::string Sha256Bytes(std::string_view bytes) {
  const Sha256Digest digest = Sha256(bytes);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string SharedValues::Add(std::string value) {
  std::string sha256 = Sha256Bytes(value);
  values_.try_emplace(sha256, std::move(value));
  return sha256;
}

absl::Status SharedValues::Stage(const Database& database, std::string_view repository,
                                 std::string_view id, rocksdb::WriteBatch* batch) const {
  std::vector<std::string> missing;
  for (const auto& [sha256, value] : values_) {
    ASSIGN_OR_RETURN(const auto known,
                     database.Get(Family::kMedia, KnownMediaKey(repository, sha256)));
    if (!known) missing.push_back(sha256);
  }
  rocksdb::ColumnFamilyHandle* const media = database.handle(Family::kMedia);
  for (const auto& [sha256, value] : values_) {
    batch->Put(media, ToSlice(MediaReferenceKey(repository, sha256, id)), rocksdb::Slice());
  }
  for (const std::string& sha256 : missing) {
    batch->Put(media, ToSlice(KnownMediaKey(repository, sha256)), rocksdb::Slice());
    batch->Put(media, ToSlice(MediaKey(repository, sha256)), ToSlice(values_.at(sha256)));
  }
  return absl::OkStatus();
}

size_t SharedValues::size() const {
  constexpr size_t kAboutKeys = 256;
  size_t size = 0;
  for (const auto& [sha256, value] : values_) size += value.size() + kAboutKeys;
  return size;
}

absl::StatusOr<std::string> ReadSharedValue(const Database& database, std::string_view repository,
                                            std::string_view sha256, std::string_view what,
                                            const rocksdb::Snapshot* snapshot) {
  ASSIGN_OR_RETURN(std::optional<std::string> value,
                   database.Get(Family::kMedia, MediaKey(repository, sha256), snapshot));
  if (!value || Sha256Bytes(*value) != sha256) return DamagedRow(what);
  return *std::move(value);
}

}  // namespace colophon
