// RegistryReads: git objects.

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/store/git_object.h"
#include "service/store/rocksdb/registry_reads.h"
#include "service/store/rocksdb/scan.h"
#include "service/store/store_errors.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

absl::Status CorruptObject(const ObjectId& id, std::string_view fact) {
  return DataLoss(
      "CORRUPT_OBJECT",
      fmt::format("git object \"{}\" is damaged: {}. Restore a backup", id.hex(), fact));
}

}  // namespace

absl::StatusOr<Object> DecodeObject(const ObjectId& id, std::string_view value) {
  if (value.empty() || value[0] < static_cast<char>(ObjectType::kCommit) ||
      value[0] > static_cast<char>(ObjectType::kTag)) {
    return CorruptObject(id, "it has no type");
  }
  Object object{
      .id = id, .type = static_cast<ObjectType>(value[0]), .data = std::string(value.substr(1))};
  const ObjectId hash = HashObject(object.type, object.data);
  if (hash != id) return CorruptObject(id, fmt::format("it hashes to \"{}\"", hash.hex()));
  return object;
}

absl::StatusOr<Object> RegistryReads::GetObject(std::string_view repository,
                                                const ObjectId& id) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   database_.Get(Family::kObjects, ObjectKey(repository, id)));
  if (!value) {
    return Missing(repository, ObjectNotFound(repository, id));
  }
  return DecodeObject(id, *value);
}

absl::StatusOr<bool> RegistryReads::HasObject(std::string_view repository,
                                              const ObjectId& id) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   database_.Get(Family::kObjects, ObjectKey(repository, id)));
  if (value) return true;
  RETURN_IF_ERROR(CheckRepository(repository));
  return false;
}

absl::StatusOr<std::vector<ObjectId>> RegistryReads::FindObjects(std::string_view repository,
                                                                 std::string_view hex_prefix,
                                                                 int limit) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  ASSIGN_OR_RETURN(const std::string bytes, CheckObjectPrefix(hex_prefix));
  std::vector<ObjectId> ids;
  const std::string prefix = ObjectPrefix(repository);
  Scan scan(database_, Family::kObjects, prefix + bytes);
  for (scan.SeekToFirst(); scan.Valid() && static_cast<int64_t>(ids.size()) < limit; scan.Next()) {
    const std::optional<ObjectId> id = ObjectId::FromBytes(scan.key().substr(prefix.size()));
    if (!id) return DamagedRow(fmt::format("a git object of \"{}\"", repository));
    if (id->hex().starts_with(hex_prefix)) ids.push_back(*id);
  }
  RETURN_IF_ERROR(scan.status());
  return ids;
}

}  // namespace colophon
