#pragma once

#include <string_view>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

// What ScoreRecord takes: 1 to 20 scores, each of another name, with a value and at most
// 2,048 bytes of a note. INVALID_ARGUMENT BAD_SCORE with the field and the rule.
absl::Status CheckScores(const v1::ScoreRecordRequest& request);

}  // namespace colophon
