#pragma once

// What was said of a record, as every store keeps it.

#include <vector>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

using ScoreList = google::protobuf::RepeatedPtrField<v1::Score>;

// That of all which were said of one record, corrected ones too: it is read with them.
inline constexpr int kMaxScores = 1'000;

// Puts what is said now behind what was said before. A score corrects the one that stands
// of its name and caller; one that says the same as that adds nothing. How many were added.
// FAILED_PRECONDITION TOO_MANY_SCORES, and nothing is added.
absl::StatusOr<int> AddScores(const std::vector<v1::Score>& added, ScoreList* scores);

// Whether each is marked as corrected just when a later one stands for it.
bool AreMarkedWell(const ScoreList& scores);

}  // namespace colophon
