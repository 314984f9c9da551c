#pragma once

// Reading members of JSON objects that others wrote: a member that is absent,
// null or of another type is just not there.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/base/field_check.h"
#include "service/base/json.h"

namespace colophon {

inline const json::value* FieldOf(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

inline const json::object* ObjectOf(const json::object& object, std::string_view key) {
  const json::value* value = FieldOf(object, key);
  return value == nullptr ? nullptr : value->if_object();
}

inline const json::array* ArrayOf(const json::object& object, std::string_view key) {
  const json::value* value = FieldOf(object, key);
  return value == nullptr ? nullptr : value->if_array();
}

// Empty when there is none.
inline std::string TextOf(const json::object& object, std::string_view key) {
  const json::value* value = FieldOf(object, key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

// A whole number that is not negative, nor so large that it counts nothing real: what
// is absurd is as good as not told, and a sum of a few counts can't overflow.
inline std::optional<int64_t> CountOf(const json::object& object, std::string_view key) {
  const json::value* value = FieldOf(object, key);
  if (value == nullptr) return std::nullopt;
  const int64_t* count = value->if_int64();
  if (count == nullptr || *count < 0 || *count > kMaxCount) return std::nullopt;
  return *count;
}

}  // namespace colophon
