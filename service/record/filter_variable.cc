#include "service/record/filter_variable.h"

#include <algorithm>
#include <optional>

#include "service/base/json.h"
#include "service/record/filter_value.h"

namespace colophon {
namespace {

// nullopt when there is none.
std::optional<json::value> VariableAt(const v1::Record& record,
                                      const std::vector<std::string>& path) {
  auto parsed = ParseJson(record.intent().variables_json());
  if (!parsed.ok()) return std::nullopt;
  json::value* at = &*parsed;
  for (size_t i = 1; i < path.size(); ++i) {
    if (auto* const object = at->if_object()) {
      const auto found = object->find(path[i]);
      if (found == object->end()) return std::nullopt;
      at = &found->value();
    } else if (auto* const array = at->if_array()) {
      const auto index = ReadFilterNumber(path[i]);
      if (!index || *index < 0 || *index >= static_cast<double>(array->size())) return std::nullopt;
      at = &(*array)[static_cast<size_t>(*index)];
    } else {
      return std::nullopt;
    }
  }
  return std::move(*at);
}

std::string_view ViewOf(const json::string& text) { return {text.data(), text.size()}; }

// nullopt: of different types.
std::optional<int> OrderOfVariable(const json::value& value, const FilterTerm& term) {
  if (const auto* const text = value.if_string()) {
    return OrderOf(ViewOf(*text), std::string_view(term.value));
  }
  if (term.quoted) return std::nullopt;
  if (value.is_number()) {
    const auto number = ReadFilterNumber(term.value);
    if (!number) return std::nullopt;
    return OrderOf(value.to_number<double>(), *number);
  }
  if (value.is_bool()) {
    const auto truth = ReadFilterTruth(term.value);
    if (!truth) return std::nullopt;
    return OrderOf(value.get_bool(), *truth);
  }
  if (value.is_null() && term.value == "null") return 0;
  return std::nullopt;
}

bool VariableHas(const json::value& value, const FilterTerm& term) {
  if (const auto* const text = value.if_string()) {
    return ContainsWords(ViewOf(*text), WordsOf(term.value));
  }
  if (const auto* const object = value.if_object()) return object->contains(term.value);
  if (const auto* const array = value.if_array()) {
    return std::any_of(array->begin(), array->end(), [&](const json::value& element) {
      return OrderOfVariable(element, term) == 0;
    });
  }
  return OrderOfVariable(value, term) == 0;
}

}  // namespace

bool VariableHolds(const v1::Record& record, const FilterTerm& term) {
  const auto value = VariableAt(record, term.path);
  if (term.IsPresence()) return value.has_value();
  if (!value) return term.comparator == Comparator::kNotEqual;
  if (term.comparator == Comparator::kHas) return VariableHas(*value, term);
  const std::optional<int> order = OrderOfVariable(*value, term);
  return order ? Holds(term.comparator, *order) : term.comparator == Comparator::kNotEqual;
}

}  // namespace colophon
