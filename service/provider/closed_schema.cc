#include "service/provider/closed_schema.h"

#include <algorithm>
#include <utility>

namespace colophon {
namespace {

// Members that hold a schema or a list of them, and those that hold some by name.
constexpr std::string_view kSchemas[] = {"items", "anyOf", "allOf", "oneOf", "prefixItems"};
constexpr std::string_view kNamed[] = {"properties", "$defs", "definitions"};

template <class Names>
bool IsOneOf(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool IsObject(const json::object& schema) {
  const json::value* type = schema.if_contains("type");
  if (type == nullptr) return schema.contains("properties");
  if (type->is_string()) return type->get_string() == "object";
  const json::array* types = type->if_array();
  return types != nullptr &&
         std::find(types->begin(), types->end(), json::value("object")) != types->end();
}

void Close(json::value* value);

void CloseMembers(json::value* value) {
  if (!value->is_object()) return;
  for (auto& member : value->get_object()) Close(&member.value());
}

void Close(json::value* value) {
  if (json::array* list = value->if_array()) {
    for (json::value& element : *list) Close(&element);
  }
  json::object* schema = value->if_object();
  if (schema == nullptr) return;
  for (auto& member : *schema) {
    if (IsOneOf(kSchemas, View(member.key()))) Close(&member.value());
    if (IsOneOf(kNamed, View(member.key()))) CloseMembers(&member.value());
  }
  if (IsObject(*schema)) schema->emplace("additionalProperties", false);
}

}  // namespace

json::object ClosedSchema(json::object schema) {
  json::value value(std::move(schema));
  Close(&value);
  return std::move(value.get_object());
}

}  // namespace colophon
