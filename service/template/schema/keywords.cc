#include "service/template/schema/keywords.h"

#include <algorithm>
#include <array>

namespace colophon::schema {
namespace {

// Sorted.
constexpr std::array<std::string_view, 54> kKnown = {"$anchor",
                                                     "$comment",
                                                     "$defs",
                                                     "$dynamicAnchor",
                                                     "$id",
                                                     "$ref",
                                                     "$schema",
                                                     "additionalItems",
                                                     "additionalProperties",
                                                     "allOf",
                                                     "anyOf",
                                                     "const",
                                                     "contains",
                                                     "default",
                                                     "definitions",
                                                     "dependencies",
                                                     "dependentRequired",
                                                     "dependentSchemas",
                                                     "deprecated",
                                                     "description",
                                                     "else",
                                                     "enum",
                                                     "example",
                                                     "examples",
                                                     "exclusiveMaximum",
                                                     "exclusiveMinimum",
                                                     "format",
                                                     "if",
                                                     "items",
                                                     "maxContains",
                                                     "maxItems",
                                                     "maxLength",
                                                     "maxProperties",
                                                     "maximum",
                                                     "minContains",
                                                     "minItems",
                                                     "minLength",
                                                     "minProperties",
                                                     "minimum",
                                                     "multipleOf",
                                                     "not",
                                                     "oneOf",
                                                     "pattern",
                                                     "patternProperties",
                                                     "prefixItems",
                                                     "properties",
                                                     "propertyNames",
                                                     "readOnly",
                                                     "required",
                                                     "then",
                                                     "title",
                                                     "type",
                                                     "uniqueItems",
                                                     "writeOnly"};

}  // namespace

bool IsKeyword(std::string_view name) {
  return name.starts_with("x-") || std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
}

std::string_view AdviceOnKeyword(std::string_view name) {
  if (name == "nullable") return ": write \"type\": [\"string\", \"null\"]";
  if (name == "$dynamicRef" || name == "$recursiveRef") return ": write $ref";
  if (name == "unevaluatedProperties") return ": write additionalProperties";
  if (name == "unevaluatedItems") return ": write items";
  return "";
}

}  // namespace colophon::schema
