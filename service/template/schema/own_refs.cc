#include "service/template/schema/own_refs.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>

namespace colophon::schema {
namespace {

namespace json = boost::json;

using OnRef = std::function<void(json::string*)>;

bool IsOneOf(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Keywords whose value maps names to schemas.
bool HoldsSchemasByName(std::string_view keyword) {
  return IsOneOf(keyword, {"properties", "patternProperties", "$defs", "definitions",
                           "dependentSchemas", "dependencies"});
}

// Keywords whose value is no schema, whatever it looks like.
bool HoldsValues(std::string_view keyword) {
  return IsOneOf(keyword, {"enum", "const", "default", "examples"});
}

// Hands every "$ref" of the schema, or list of schemas, to `on_ref`. Schemas come
// from parsed JSON, whose depth is bounded.
void ForEachRef(json::value* schema, const OnRef& on_ref) {
  if (schema->is_array()) {
    for (json::value& one : schema->get_array()) ForEachRef(&one, on_ref);
    return;
  }
  if (!schema->is_object()) return;
  for (auto& member : schema->get_object()) {
    const std::string_view keyword(member.key().data(), member.key().size());
    json::value& value = member.value();
    if (keyword == "$ref" && value.is_string()) {
      on_ref(&value.get_string());
    } else if (HoldsSchemasByName(keyword) && value.is_object()) {
      for (auto& named : value.get_object()) ForEachRef(&named.value(), on_ref);
    } else if (!HoldsValues(keyword)) {
      ForEachRef(&value, on_ref);
    }
  }
}

// "#name" is an anchor's, which is found wherever it stands.
bool IsOwn(const json::string& reference) {
  return reference == "#" || reference.starts_with("#/");
}

}  // namespace

bool HasOwnRefs(const json::value& schema) {
  if (!schema.is_object() || schema.get_object().contains("$id")) return false;
  bool found = false;
  json::value copy = schema;
  ForEachRef(&copy, [&](const json::string* reference) { found |= IsOwn(*reference); });
  return found;
}

void MoveOwnRefs(std::string_view place, json::value* schema) {
  ForEachRef(schema, [&](json::string* reference) {
    if (!IsOwn(*reference)) return;
    std::string moved(place);
    moved.append(reference->begin() + 1, reference->end());
    *reference = moved;
  });
}

}  // namespace colophon::schema
