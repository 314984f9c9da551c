#include "service/template/prompt/model_parameters.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::prompt {
namespace {

enum class Kind { kNumber, kWhole, kTexts };

struct Parameter {
  std::string_view name;
  Kind kind = Kind::kNumber;
  double least = 0;
  double most = 0;
  std::string_view what;
};

constexpr double kMany = 9007199254740991;
constexpr Parameter kParameters[] = {
    {"temperature", Kind::kNumber, 0, 2, "a number from 0 to 2"},
    {"topP", Kind::kNumber, 0, 1, "a number from 0 to 1"},
    {"topK", Kind::kWhole, 0, kMany, "a whole number"},
    {"maxOutputTokens", Kind::kWhole, 1, kMany, "a whole number from 1"},
    {"seed", Kind::kWhole, -kMany, kMany, "a whole number"},
    {"frequencyPenalty", Kind::kNumber, -2, 2, "a number from -2 to 2"},
    {"presencePenalty", Kind::kNumber, -2, 2, "a number from -2 to 2"},
    {"stopSequences", Kind::kTexts, 0, 0, "a list of texts"},
};

struct Alias {
  std::string_view name;
  std::string_view usual;
};
constexpr Alias kAliases[] = {
    {"max_tokens", "maxOutputTokens"},          {"maxTokens", "maxOutputTokens"},
    {"max_output_tokens", "maxOutputTokens"},   {"max_completion_tokens", "maxOutputTokens"},
    {"maxCompletionTokens", "maxOutputTokens"}, {"stop", "stopSequences"},
    {"stop_sequences", "stopSequences"},
};

bool Fits(const Parameter& parameter, const json::value& value) {
  if (parameter.kind == Kind::kTexts) {
    const json::array* list = value.if_array();
    return list != nullptr && std::all_of(list->begin(), list->end(),
                                          [](const json::value& text) { return text.is_string(); });
  }
  if (!value.is_number()) return false;
  const auto number = value.to_number<double>();
  if (parameter.kind == Kind::kWhole && std::trunc(number) != number) return false;
  return number >= parameter.least && number <= parameter.most;
}

}  // namespace

std::optional<std::string> ParameterProblem(std::string_view name, const json::value& value) {
  if (value.is_null()) return std::nullopt;
  for (const Parameter& parameter : kParameters) {
    if (parameter.name != name || Fits(parameter, value)) continue;
    return fmt::format("{} is {}: it has to be {}", name, syntax::Quote(WriteJson(value)),
                       parameter.what);
  }
  return std::nullopt;
}

std::string_view UsualParameterName(std::string_view name) {
  for (const Alias& alias : kAliases) {
    if (alias.name == name) return alias.usual;
  }
  return "";
}

}  // namespace colophon::prompt
