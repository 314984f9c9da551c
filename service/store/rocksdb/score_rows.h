#pragma once

#include <string_view>

#include "rocksdb/snapshot.h"
#include "service/store/rocksdb/database.h"
#include "service/store/scores.h"

namespace colophon {

// What was said of a record, by the 16 bytes of its id. Most have none, which costs a look
// at a filter in memory.
absl::Status ReadScores(const Database& database, std::string_view id,
                        const rocksdb::Snapshot* snapshot, ScoreList* scores);

}  // namespace colophon
