#include "client/cli/score_text.h"

#include <charconv>
#include <set>
#include <utility>

#include "client/cli/arguments.h"
#include "fmt/format.h"

namespace colophon {

absl::StatusOr<v1::Score> ParseScore(const std::string& text, const std::string& note) {
  ASSIGN_OR_RETURN(const auto pair, ParsePair(text, "score"));
  const std::string& value = pair.second;
  v1::Score score;
  score.set_name(pair.first);
  score.set_note(note);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value == "true" || value == "false") {
    score.set_truth(value == "true");
  } else if (error == std::errc() && end == value.data() + value.size()) {
    score.set_number(number);
  } else {
    score.set_word(value);
  }
  return score;
}

std::string FormatScore(const v1::Score& score) {
  switch (score.value_case()) {
    case v1::Score::kNumber:
      return fmt::format("{}={}", score.name(), score.number());
    case v1::Score::kTruth:
      return fmt::format("{}={}", score.name(), score.truth());
    default:
      return fmt::format("{}={}", score.name(), score.word());
  }
}

std::string FormatScores(const v1::Record& record) {
  std::multiset<std::string> names;
  for (const v1::Score& score : record.scores()) {
    if (!score.corrected()) names.insert(score.name());
  }
  std::string text;
  for (const v1::Score& score : record.scores()) {
    if (score.corrected()) continue;
    text += (text.empty() ? "" : " ") + FormatScore(score);
    if (names.count(score.name()) > 1) text += fmt::format(" ({})", score.caller());
  }
  return text;
}

}  // namespace colophon
