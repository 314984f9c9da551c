#include "service/record/filter_score.h"

#include <algorithm>
#include <optional>
#include <string>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/record/filter_value.h"

namespace colophon {
namespace {

// nullopt: of different types.
std::optional<int> OrderOfScore(const v1::Score& score, const FilterTerm& term) {
  switch (score.value_case()) {
    case v1::Score::kNumber: {
      const auto number = term.quoted ? std::nullopt : ReadFilterNumber(term.value);
      return number ? std::optional(OrderOf(score.number(), *number)) : std::nullopt;
    }
    case v1::Score::kTruth: {
      const auto truth = term.quoted ? std::nullopt : ReadFilterTruth(term.value);
      return truth ? std::optional(OrderOf(score.truth(), *truth)) : std::nullopt;
    }
    case v1::Score::kWord:
      return OrderOf(score.word(), term.value);
    case v1::Score::VALUE_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

bool HoldsOf(const v1::Score& score, const FilterTerm& term, Comparator comparator) {
  if (comparator == Comparator::kHas && score.has_word()) {
    return ContainsWords(score.word(), WordsOf(term.value));
  }
  // Words have no order: "bad" isn't more than 0.5.
  const bool asks_order = comparator != Comparator::kEqual && comparator != Comparator::kHas;
  if (score.has_word() && asks_order) return false;
  const std::optional<int> order = OrderOfScore(score, term);
  return order && Holds(comparator == Comparator::kHas ? Comparator::kEqual : comparator, *order);
}

}  // namespace

bool ScoreHolds(const v1::Record& record, const FilterTerm& term) {
  // A name may have dots.
  std::string name = fmt::format("{}", fmt::join(term.path.begin() + 1, term.path.end(), "."));
  if (name.empty() && !term.IsPresence()) name = term.value;
  const bool asks_presence = term.path.size() == 1 || term.IsPresence();
  const bool is_unequal = term.comparator == Comparator::kNotEqual;
  const bool found =
      std::any_of(record.scores().begin(), record.scores().end(), [&](const v1::Score& score) {
        if (score.corrected() || (!name.empty() && score.name() != name)) return false;
        return asks_presence ||
               HoldsOf(score, term, is_unequal ? Comparator::kEqual : term.comparator);
      });
  return found != is_unequal;
}

}  // namespace colophon
