#include "service/template/schema/preview.h"

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/json_compare.h"

namespace colophon::schema {

std::string Preview(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return Quote(View(value.get_string()));
    case json::kind::array:
      return fmt::format("an array of {}", value.get_array().size());
    case json::kind::object:
      return fmt::format("an object of {}", value.get_object().size());
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    default:
      return FormatNumber(value);
  }
}

std::string KindOf(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    default:
      return IsInteger(value) ? "an integer" : "a number";
  }
}

std::string PreviewList(const std::vector<json::value>& values) {
  constexpr size_t kMost = 10;
  std::string out;
  for (size_t i = 0; i < values.size() && i < kMost; ++i) {
    if (i > 0) out += ", ";
    out += Preview(values[i]);
  }
  if (values.size() > kMost) out += fmt::format(" and {} more", values.size() - kMost);
  return out;
}

std::string Count(size_t number, std::string_view noun) {
  if (number == 1) return fmt::format("1 {}", noun);
  if (noun.ends_with('y')) return fmt::format("{} {}ies", number, noun.substr(0, noun.size() - 1));
  return fmt::format("{} {}s", number, noun);
}

}  // namespace colophon::schema
