#include "service/record/score_check.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

constexpr char kReason[] = "BAD_SCORE";
constexpr int kMaxScoresOfCall = 20;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxNoteBytes = 2'048;

// A name, and a word of a value.
absl::Status CheckName(std::string_view field, std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto may_stand = [&](char c) { return is_plain(c) || c == '_' || c == '.' || c == '-'; };
  const bool is_good = !name.empty() && name.size() <= kMaxNameBytes && is_plain(name[0]) &&
                       std::all_of(name.begin(), name.end(), may_stand);
  if (is_good) return absl::OkStatus();
  return BadField(kReason, field, name.empty() ? "empty" : Quoted(name),
                  fmt::format("write lower-case letters, digits, \"_\", \".\" and \"-\", the first "
                              "a letter or a digit, at most {}",
                              kMaxNameBytes));
}

absl::Status CheckValue(const std::string& field, const v1::Score& score) {
  switch (score.value_case()) {
    case v1::Score::kNumber:
      if (std::isfinite(score.number())) return absl::OkStatus();
      return BadField(kReason, field + ".number", fmt::format("{}", score.number()),
                      "it must be finite");
    case v1::Score::kTruth:
      return absl::OkStatus();
    case v1::Score::kWord:
      return CheckName(field + ".word", score.word());
    case v1::Score::VALUE_NOT_SET:
      return BadField(kReason, field, "without a value", "give a number, a truth or a word");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckScores(const v1::ScoreRecordRequest& request) {
  if (request.scores().empty() || request.scores_size() > kMaxScoresOfCall) {
    return BadField(kReason, "scores", fmt::format("a list of {}", request.scores_size()),
                    fmt::format("give 1 to {}", kMaxScoresOfCall));
  }
  std::set<std::string_view> names;
  for (int i = 0; i < request.scores_size(); ++i) {
    const v1::Score& score = request.scores(i);
    const std::string field = fmt::format("scores[{}]", i);
    RETURN_IF_ERROR(CheckName(field + ".name", score.name()));
    RETURN_IF_ERROR(CheckValue(field, score));
    RETURN_IF_ERROR(CheckText(kReason, field + ".note", score.note(), kMaxNoteBytes));
    if (!names.insert(score.name()).second) {
      return BadField(kReason, field + ".name", Quoted(score.name()),
                      "it is given twice: a name has one score of a caller");
    }
  }
  return absl::OkStatus();
}

}  // namespace colophon
