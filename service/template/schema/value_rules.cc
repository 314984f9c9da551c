#include "service/template/schema/value_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/count_rules.h"
#include "service/template/schema/formats.h"
#include "service/template/schema/json_compare.h"
#include "service/template/schema/preview.h"
#include "service/template/syntax/js_text.h"

namespace colophon::schema {
namespace {

struct Type {
  std::string_view name;
  std::string_view phrase;
  bool (*matches)(const json::value& value);
};

// JSON has no NaN and no Infinity, but a protobuf Struct may.
bool IsFinite(const json::value& value) {
  return IsNumber(value) && (!value.is_double() || std::isfinite(value.get_double()));
}

constexpr std::array<Type, 7> kTypes = {{
    {"string", "a string", [](const json::value& value) { return value.is_string(); }},
    {"integer", "an integer", IsInteger},
    {"number", "a number", IsFinite},
    {"boolean", "a boolean", [](const json::value& value) { return value.is_bool(); }},
    {"object", "an object", [](const json::value& value) { return value.is_object(); }},
    {"array", "an array", [](const json::value& value) { return value.is_array(); }},
    {"null", "null", [](const json::value& value) { return value.is_null(); }},
}};

const Type* FindType(const json::value& name) {
  if (!name.is_string()) return nullptr;
  for (const Type& type : kTypes) {
    if (type.name == View(name.get_string())) return &type;
  }
  return nullptr;
}

std::string Join(const std::vector<const Type*>& types) {
  std::string out;
  for (size_t i = 0; i < types.size(); ++i) {
    if (i > 0) out += i + 1 == types.size() ? " or " : ", ";
    out += types[i]->phrase;
  }
  return out;
}

// The values of enum, found by their hashes.
class EnumRule final : public Rule {
 public:
  EnumRule(std::string pointer, const json::array& values)
      : Rule(std::move(pointer)), values_(values.begin(), values.end()) {
    Work unlimited(Work::kNoLimit);
    for (size_t i = 0; i < values_.size(); ++i) {
      by_hash_.emplace_back(JsonHash(values_[i], &unlimited), i);
    }
    std::sort(by_hash_.begin(), by_hash_.end());
  }

  bool Check(const json::value& value, Run* run) const override {
    const size_t hash = JsonHash(value, run->work());
    if (!run->CheckWork()) return false;
    auto at = std::lower_bound(by_hash_.begin(), by_hash_.end(), std::pair(hash, size_t{0}));
    bool found = false;
    for (; !found && at != by_hash_.end() && at->first == hash; ++at) {
      found = JsonEquals(values_[at->second], value, run->work());
    }
    if (!run->CheckWork()) return false;
    if (found) return true;
    return run->Fail(*this, [&] {
      return values_.size() == 1
                 ? fmt::format("{} is not {}, the only value allowed", Preview(value),
                               Preview(values_[0]))
                 : fmt::format("{} is not one of {}", Preview(value), PreviewList(values_));
    });
  }

 private:
  const std::vector<json::value> values_;
  std::vector<std::pair<size_t, size_t>> by_hash_;  // Hash, index.
};

// Of a number written in decimal digits and divided.
constexpr int64_t kCostOfDivision = 8;

struct Bound {
  std::string_view keyword;
  bool (*holds)(int order);  // Of CompareNumbers(value, bound).
  std::string_view complaint;
};

constexpr std::array<Bound, 4> kBounds = {{
    {"minimum", [](int order) { return order >= 0; }, "{} is less than the minimum {}"},
    {"exclusiveMinimum", [](int order) { return order > 0; }, "{} is not greater than {}"},
    {"maximum", [](int order) { return order <= 0; }, "{} is greater than the maximum {}"},
    {"exclusiveMaximum", [](int order) { return order < 0; }, "{} is not less than {}"},
}};

// The keyword's value when it is a number.
const json::value* NumberOf(const Keywords& keywords, std::string_view name, Compiler* compiler) {
  const json::value* value = keywords.Find(name);
  if (value == nullptr || IsFinite(*value)) return value;
  const bool is_draft_4 = value->is_bool() && name.starts_with("exclusive");
  compiler->Error(
      keywords.At(name),
      fmt::format("{} is {}: it has to be a number{}", Quote(name), Preview(*value),
                  is_draft_4 ? ", the bound itself (true and false are draft 4's)" : ""));
  return nullptr;
}

// The keyword's value when it is text.
const json::string* TextOf(const Keywords& keywords, std::string_view name, Compiler* compiler) {
  const json::value* value = keywords.Find(name);
  if (value == nullptr) return nullptr;
  if (value->is_string()) return &value->get_string();
  compiler->Error(keywords.At(name),
                  fmt::format("{} is {}: it has to be text", Quote(name), Preview(*value)));
  return nullptr;
}

// In code points.
size_t LengthOf(const json::value& value) {
  const std::string_view text = View(value.get_string());
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !syntax::IsContinuation(c); }));
}

void AddPatternRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const json::string* text = TextOf(keywords, "pattern", compiler);
  if (text == nullptr) return;
  auto pattern = compiler->PatternOf(View(*text), keywords.At("pattern"));
  if (pattern == nullptr) return;
  rules->push_back(MakeRule(keywords.At("pattern"), [pattern = std::move(pattern)](
                                                        const Rule& rule, const json::value& value,
                                                        Run* run) {
    if (!value.is_string()) return true;
    const std::string_view string = View(value.get_string());
    const bool matches = pattern->Matches(string, run->work());
    if (!run->CheckWork()) return false;
    if (matches) return true;
    return run->Fail(rule, [&] {
      return fmt::format("{} does not match the pattern {}", Quote(string), Quote(pattern->text()));
    });
  }));
}

void AddFormatRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const json::string* name = TextOf(keywords, "format", compiler);
  if (name == nullptr) return;
  const Format* format = FindFormat(View(*name));
  if (format == nullptr) {
    compiler->Warning(keywords.At("format"),
                      fmt::format("the format {} is not enforced; these are: {}",
                                  Quote(View(*name)), FormatNames()));
    return;
  }
  rules->push_back(MakeRule(keywords.At("format"),
                            [format](const Rule& rule, const json::value& value, Run* run) {
                              if (!value.is_string()) return true;
                              const std::string_view text = View(value.get_string());
                              if (!run->Spend(format->CostOf(text.size()))) return false;
                              if (format->matches(text)) return true;
                              return run->Fail(rule, [&] {
                                return fmt::format("{} is no {} such as {}", Quote(text),
                                                   format->name, Quote(format->example));
                              });
                            }));
}

}  // namespace

void AddTypeRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const json::value* value = keywords.Find("type");
  if (value == nullptr) return;
  const json::array names = value->is_array() ? value->get_array() : json::array{*value};
  std::vector<const Type*> types;
  for (const json::value& name : names) {
    const Type* type = FindType(name);
    if (type == nullptr) {
      compiler->Error(keywords.At("type"),
                      fmt::format("{} is no type: write string, integer, number, boolean, object, "
                                  "array, null or a list of these",
                                  Preview(name)));
      return;
    }
    types.push_back(type);
  }
  if (types.empty()) {
    compiler->Error(keywords.At("type"), "the list of types is empty: nothing would be valid");
    return;
  }
  rules->push_back(MakeRule(
      keywords.At("type"),
      [types = std::move(types)](const Rule& rule, const json::value& of, Run* run) {
        for (const Type* type : types) {
          if (type->matches(of)) return true;
        }
        return run->Fail(rule, [&] {
          const bool is_short = !of.is_array() && !of.is_object() && !of.is_null();
          return is_short ? fmt::format("{} is {}, not {}", Preview(of), KindOf(of), Join(types))
                          : fmt::format("{} is not {}", KindOf(of), Join(types));
        });
      }));
}

void AddValueRules(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  if (const json::value* value = keywords.Find("enum")) {
    if (value->is_array() && !value->get_array().empty()) {
      rules->push_back(std::make_unique<const EnumRule>(keywords.At("enum"), value->get_array()));
    } else {
      compiler->Error(keywords.At("enum"),
                      fmt::format("\"enum\" is {}: it has to be a list of values, and not an "
                                  "empty one",
                                  Preview(*value)));
    }
  }
  if (const json::value* value = keywords.Find("const")) {
    rules->push_back(std::make_unique<const EnumRule>(keywords.At("const"), json::array{*value}));
  }
}

void AddNumberRules(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  for (const Bound& bound : kBounds) {
    const json::value* limit = NumberOf(keywords, bound.keyword, compiler);
    if (limit == nullptr) continue;
    rules->push_back(MakeRule(
        keywords.At(bound.keyword),
        [&bound, limit = *limit](const Rule& rule, const json::value& value, Run* run) {
          if (!IsNumber(value) || bound.holds(CompareNumbers(value, limit))) return true;
          return run->Fail(rule, [&] {
            return fmt::format(fmt::runtime(bound.complaint), Preview(value), Preview(limit));
          });
        }));
  }
  const json::value* divisor = NumberOf(keywords, "multipleOf", compiler);
  if (divisor == nullptr) return;
  if (CompareNumbers(*divisor, json::value(0)) <= 0) {
    compiler->Error(keywords.At("multipleOf"),
                    fmt::format("\"multipleOf\" is {}: it has to be above 0", Preview(*divisor)));
    return;
  }
  rules->push_back(MakeRule(
      keywords.At("multipleOf"),
      [divisor = *divisor](const Rule& rule, const json::value& value, Run* run) {
        if (!IsNumber(value)) return true;
        if (!run->Spend(kCostOfDivision)) return false;
        if (IsMultipleOf(value, divisor)) return true;
        return run->Fail(rule, [&] {
          return fmt::format("{} is not a multiple of {}", Preview(value), Preview(divisor));
        });
      }));
}

void AddStringRules(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const auto length = [](const json::value& value) -> std::optional<size_t> {
    if (!value.is_string()) return std::nullopt;
    return LengthOf(value);
  };
  AddCountRules(keywords, "minLength", "maxLength", "character", length, compiler, rules);
  AddPatternRule(keywords, compiler, rules);
  AddFormatRule(keywords, compiler, rules);
}

}  // namespace colophon::schema
