#include "service/store/rocksdb/repository_names.h"

#include <optional>
#include <utility>

#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/scan.h"

namespace colophon {

absl::StatusOr<std::vector<std::string>> ReadRepositoryNames(const Database& database,
                                                             const rocksdb::Snapshot* snapshot) {
  constexpr std::string_view kPrefix = "R";
  std::vector<std::string> names;
  Scan scan(database, Family::kMeta, std::string(kPrefix), {.snapshot = snapshot});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    std::string_view rest = scan.key().substr(kPrefix.size());
    std::optional<std::string> name = TakeText(&rest);
    if (!name || !rest.empty()) return DamagedRow("a repository");
    names.push_back(*std::move(name));
  }
  RETURN_IF_ERROR(scan.status());
  return names;
}

}  // namespace colophon
