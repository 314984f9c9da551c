#pragma once

#include <string>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

// "quality=0.2": a number, true or false, else a word. INVALID_ARGUMENT BAD_PAIR.
absl::StatusOr<v1::Score> ParseScore(const std::string& text, const std::string& note);

// "quality=0.2"
std::string FormatScore(const v1::Score& score);

// All that stand: "quality=0.2 right=true", with who says so where several do.
std::string FormatScores(const v1::Record& record);

}  // namespace colophon
