#include "service/shape/fields.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/reference.h"

namespace colophon::shape {

absl::Status Wrong(std::string_view path, const json::value& value, std::string_view rule) {
  return BadField("BAD_REQUEST", path.empty() ? "the body" : path,
                  value.is_null() ? "not given" : Quoted(WriteJson(value)), rule);
}

absl::Status NoPlace(std::string_view path, std::string_view why) {
  return InvalidArgument("UNSUPPORTED", fmt::format("{} can't be taken: {}", path, why),
                         {{"field", std::string(path)}});
}

Fields::Fields(const json::object& object, std::string path)
    : object_(object), path_(std::move(path)) {}

absl::StatusOr<Fields> Fields::Of(const json::value& value, std::string path) {
  if (!value.is_object()) return Wrong(path, value, "it has to be an object");
  return Fields(value.get_object(), std::move(path));
}

std::string Fields::At(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

const json::value* Fields::Find(std::string_view key) {
  read_.emplace(key);
  const json::value* const value = object_.if_contains(json::string_view(key.data(), key.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

absl::StatusOr<std::string> Fields::Text(std::string_view key) {
  const json::value* const value = Find(key);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return Wrong(At(key), *value, "it has to be a text");
  return std::string(View(value->get_string()));
}

absl::StatusOr<std::string> Fields::RequiredText(std::string_view key) {
  ASSIGN_OR_RETURN(std::string text, Text(key));
  if (text.empty()) return Wrong(At(key), nullptr, "it has to be a text that isn't empty");
  return text;
}

absl::StatusOr<std::optional<bool>> Fields::Flag(std::string_view key) {
  const json::value* const value = Find(key);
  if (value == nullptr) return std::optional<bool>();
  if (!value->is_bool()) return Wrong(At(key), *value, "it has to be true or false");
  return std::optional<bool>(value->get_bool());
}

absl::StatusOr<const json::object*> Fields::Object(std::string_view key) {
  const json::value* const value = Find(key);
  if (value == nullptr) return static_cast<const json::object*>(nullptr);
  if (!value->is_object()) return Wrong(At(key), *value, "it has to be an object");
  return &value->get_object();
}

absl::StatusOr<const json::array*> Fields::Array(std::string_view key) {
  const json::value* const value = Find(key);
  if (value == nullptr) return static_cast<const json::array*>(nullptr);
  if (!value->is_array()) return Wrong(At(key), *value, "it has to be a list");
  return &value->get_array();
}

absl::Status Fields::Refuse(std::string_view key, std::string_view why,
                            const json::value& harmless) {
  const json::value* const value = Find(key);
  if (value == nullptr || *value == harmless) return absl::OkStatus();
  return NoPlace(At(key), why);
}

absl::Status Fields::Finish() {
  return TakeRest([this](const std::string& key, const json::value&) {
    return NoPlace(At(key), "a call of a prompt has no such member; leave it out");
  });
}

}  // namespace colophon::shape
