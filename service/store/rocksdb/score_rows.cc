#include "service/store/rocksdb/score_rows.h"

#include <optional>
#include <string>

#include "colophon/store/v1/rows.pb.h"
#include "fmt/format.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/keys.h"

namespace colophon {

absl::Status ReadScores(const Database& database, std::string_view id,
                        const rocksdb::Snapshot* snapshot, ScoreList* scores) {
  const std::string key = ScoresKey(id);
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   database.Get(Family::kRecords, key, snapshot));
  if (!value) return absl::OkStatus();
  const std::string name = fmt::format("the scores of record \"{}\"", UuidFromBytes(id));
  ASSIGN_OR_RETURN(const std::string_view content, Unseal(key, *value, name));
  ASSIGN_OR_RETURN(store::v1::ScoresRow row, ParseContent<store::v1::ScoresRow>(content, name));
  row.mutable_scores()->Swap(scores);
  return absl::OkStatus();
}

}  // namespace colophon
