#include "service/template/schema/picoschema.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/own_refs.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/js_text.h"
#include "service/template/syntax/pointer.h"

namespace colophon::schema {
namespace {

constexpr int kMaxDepth = 64;

bool IsScalarType(std::string_view name) {
  return name == "any" || name == "boolean" || name == "integer" || name == "null" ||
         name == "number" || name == "string";
}

// "string, the name of the user": what stands before and after the first comma.
struct Described {
  std::string_view type;
  std::string_view description;
};

Described Split(std::string_view text) {
  const size_t comma = text.find(',');
  if (comma == text.npos) return {text, ""};
  std::string_view description = text.substr(comma + 1);
  description.remove_prefix(std::min(description.find_first_not_of(' '), description.size()));
  return {text.substr(0, comma), description};
}

// True for what the reference takes for JSON Schema, and for what can be
// nothing else.
bool IsJsonSchema(const json::object& schema) {
  if (const json::value* type = schema.if_contains("type")) {
    if (type->is_string() && IsTypeName(View(type->get_string()))) return true;
    if (type->is_array()) return true;
  }
  const json::value* reference = schema.if_contains("$ref");
  return (reference != nullptr && reference->is_string()) || schema.contains("$schema");
}

// A property's key: "name?(array, text)".
struct Key {
  std::string name;
  bool optional = false;
  bool has_kind = false;
  std::string_view kind;
  std::string_view description;
};

class Converter {
 public:
  Converter(const Resolver& resolve, std::vector<Problem>* problems)
      : resolve_(resolve), problems_(problems) {}

  json::value ConvertTop(const json::value& schema) {
    if (schema.is_null()) return nullptr;
    if (schema.is_string()) return ConvertText(View(schema.get_string()), "", /*top=*/true);
    if (!schema.is_object()) return Bad(schema, "");
    const json::object& object = schema.get_object();
    if (IsJsonSchema(object)) return schema;
    const json::value* properties = object.if_contains("properties");
    if (properties != nullptr && properties->is_object()) {
      json::object copy = object;
      copy["type"] = "object";
      return copy;
    }
    json::value out = Convert(schema, "", 0);
    if (!definitions_.empty()) out.get_object()["$defs"] = std::move(definitions_);
    return out;
  }

 private:
  json::value Convert(const json::value& schema, const std::string& pointer, int depth) {
    if (schema.is_string()) return ConvertText(View(schema.get_string()), pointer, /*top=*/false);
    if (!schema.is_object()) return Bad(schema, pointer);
    if (depth > kMaxDepth) {
      Error(pointer, fmt::format("the schema has more than {} levels: name parts of it in files of "
                                 "their own",
                                 kMaxDepth));
      return json::object();
    }
    json::object properties;
    json::array required;
    json::value additional = false;
    for (const auto& member : schema.get_object()) {
      const std::string at = syntax::ChildPointer(pointer, View(member.key()));
      if (View(member.key()) == "(*)") {
        additional = Convert(member.value(), at, depth + 1);
        continue;
      }
      Key key;
      if (!ParseKey(View(member.key()), at, &key)) continue;
      if (properties.contains(key.name)) {
        Error(at, fmt::format("the property {} is there twice", Quote(key.name)));
      }
      if (!key.optional) required.push_back(JsonText(key.name));
      properties[key.name] = ConvertProperty(key, member.value(), at, depth);
    }
    json::object out;
    out["type"] = "object";
    out["properties"] = std::move(properties);
    if (!required.empty()) out["required"] = std::move(required);
    out["additionalProperties"] = std::move(additional);
    return out;
  }

  bool ParseKey(std::string_view text, const std::string& pointer, Key* key) {
    const size_t open = text.find('(');
    std::string_view name = text.substr(0, open);
    key->optional = name.ends_with('?');
    if (key->optional) name.remove_suffix(1);
    key->name = name;
    if (name.empty()) {
      Error(pointer,
            fmt::format("{} names no property: write a name, or (*) for all others", Quote(text)));
      return false;
    }
    if (open == text.npos) return true;
    if (!text.ends_with(')')) {
      Error(pointer, fmt::format("{} has no ) at its end", Quote(text)));
      return false;
    }
    key->has_kind = true;
    const Described parts = Split(text.substr(open + 1, text.size() - open - 2));
    key->kind = parts.type;
    key->description = parts.description;
    return true;
  }

  json::value ConvertProperty(const Key& key, const json::value& schema, const std::string& pointer,
                              int depth) {
    json::value property;
    if (!key.has_kind || key.kind == "object") {
      if (!key.has_kind) CheckJsonSchema(key, schema, pointer);
      property = Convert(schema, pointer, depth + 1);
      MakeNullable(key, &property);
    } else if (key.kind == "array") {
      json::object array;
      array["type"] = "array";
      array["items"] = Convert(schema, pointer, depth + 1);
      property = std::move(array);
      MakeNullable(key, &property);
    } else if (key.kind == "enum") {
      property = ConvertEnum(key, schema, pointer);
    } else {
      Error(pointer, fmt::format("{} is no kind of property: write (array), (object) or (enum)",
                                 Quote(key.kind)));
      return json::object();
    }
    if (!key.description.empty() && property.is_object()) {
      property.get_object()["description"] = JsonText(key.description);
    }
    return property;
  }

  json::value ConvertEnum(const Key& key, const json::value& schema, const std::string& pointer) {
    if (!schema.is_array() || schema.get_array().empty()) {
      Error(pointer,
            fmt::format("the values of {} are no list: write [RED, BLUE]", Quote(key.name)));
      return json::object();
    }
    json::array values = schema.get_array();
    const bool has_null = std::any_of(values.begin(), values.end(),
                                      [](const json::value& value) { return value.is_null(); });
    if (key.optional && !has_null) values.push_back(nullptr);
    json::object out;
    out["enum"] = std::move(values);
    return out;
  }

  // What may be left out may be null too.
  static void MakeNullable(const Key& key, json::value* property) {
    if (!key.optional || !property->is_object()) return;
    if (property->get_object().contains("$ref")) {
      json::value other = std::move(*property);
      *property = {{"anyOf", {std::move(other), {{"type", "null"}}}}};
      return;
    }
    json::value* type = property->get_object().if_contains("type");
    if (type == nullptr || !type->is_string() || type->get_string() == "null") return;
    *type = json::array{*type, "null"};
  }

  json::value ConvertText(std::string_view text, const std::string& pointer, bool top) {
    const Described parts = Split(text);
    const std::string_view type = syntax::TrimSpace(parts.type);
    json::object out;
    if (!IsScalarType(type)) {
      const std::optional<json::value> resolved = resolve_(type);
      if (!resolved) {
        problems_->push_back({pointer, "UNKNOWN_SCHEMA", UnknownType(text, pointer), false});
        if (top) return nullptr;
      } else if (!resolved->is_object()) {
        return *resolved;  // `true` is a schema too.
      } else if (!top && HasOwnRefs(*resolved)) {
        out["$ref"] = JsonText(Define(type, *resolved));
      } else {
        out = resolved->get_object();
      }
    } else if (type != "any") {
      out["type"] = JsonText(type);
    }
    if (!parts.description.empty()) out["description"] = JsonText(parts.description);
    return out;
  }

  // Said of a text that stands where a type should, "string[], words to use".
  static std::string UnknownType(std::string_view text, const std::string& pointer) {
    const Described parts = Split(text);
    const std::string_view type = syntax::TrimSpace(parts.type);
    constexpr std::string_view kList = "[]";
    if (type.ends_with(kList) && !pointer.empty()) {
      const std::string comma = parts.description.empty() ? "" : ", ";
      return fmt::format("{} is no type: for a list write {}(array{}{}): {}", Quote(type),
                         NameOf(pointer), comma, parts.description,
                         type.substr(0, type.size() - kList.size()));
    }
    return fmt::format(
        "{} is no type (any, boolean, integer, null, number, string) and no file "
        "{}.schema.json defines it: nothing is checked here",
        Quote(type), type);
  }

  // "tags" of "/post/tags?(array)".
  static std::string NameOf(const std::string& pointer) {
    const std::string key = pointer.substr(pointer.rfind('/') + 1);
    return key.substr(0, key.find('('));
  }

  // JSON Schema of one property among Picoschema is an object with the members "type"
  // and "description" there: nobody means that.
  void CheckJsonSchema(const Key& key, const json::value& schema, const std::string& pointer) {
    static constexpr std::string_view kKeywords[] = {"type",    "description", "enum",    "items",
                                                     "default", "format",      "minimum", "maximum",
                                                     "title",   "properties",  "required"};
    if (!schema.is_object()) return;
    const json::object& object = schema.get_object();
    const json::value* type = object.if_contains("type");
    if (type == nullptr || !type->is_string() || !IsTypeName(View(type->get_string()))) return;
    for (const auto& member : object) {
      if (std::find(std::begin(kKeywords), std::end(kKeywords), View(member.key())) ==
          std::end(kKeywords)) {
        return;
      }
    }
    const json::value* text = object.if_contains("description");
    const std::string description =
        text != nullptr && text->is_string() ? fmt::format(", {}", View(text->get_string())) : "";
    const bool is_list = type->get_string() == "array";
    problems_->push_back(
        {pointer, "JSON_SCHEMA_WITHIN",
         fmt::format("JSON Schema doesn't go within Picoschema: here {} is an object with these "
                     "members; write {}{}: {}{}",
                     key.name, key.name, key.optional ? "?" : "",
                     is_list ? "… with (array) behind the name" : View(type->get_string()),
                     is_list ? "" : description),
         false});
  }

  // Keeps a named schema whole beside the properties; where it is then.
  std::string Define(std::string_view name, json::value schema) {
    std::string place = "#/$defs/" + syntax::EscapePointer(name);
    MoveOwnRefs(place, &schema);
    definitions_[json::string_view(name.data(), name.size())] = std::move(schema);
    return place;
  }

  json::value Bad(const json::value& schema, const std::string& pointer) {
    Error(pointer,
          fmt::format("{} is no schema: write a type such as string, the name of a schema, "
                      "or properties",
                      Quote(WriteJson(schema))));
    return json::object();
  }

  void Error(const std::string& pointer, std::string message) {
    problems_->push_back({pointer, "BAD_SCHEMA", std::move(message), true});
  }

  const Resolver& resolve_;
  std::vector<Problem>* const problems_;
  json::object definitions_;  // What becomes the $defs of it all.
};

}  // namespace

bool IsTypeName(std::string_view name) {
  return IsScalarType(name) || name == "object" || name == "array";
}

json::value ToJsonSchema(const json::value& schema, const Resolver& resolve,
                         std::vector<Problem>* problems) {
  return Converter(resolve, problems).ConvertTop(schema);
}

std::vector<std::string> SchemaNames(const json::value& schema) {
  std::set<std::string> names;
  std::vector<Problem> problems;
  ToJsonSchema(
      schema,
      [&](std::string_view name) {
        names.emplace(name);
        return json::value(json::object());
      },
      &problems);
  return {names.begin(), names.end()};
}

std::vector<std::string> RequiredProperties(const json::value& json_schema) {
  std::vector<std::string> names;
  if (!json_schema.is_object()) return names;
  const json::value* required = json_schema.get_object().if_contains("required");
  if (required == nullptr || !required->is_array()) return names;
  for (const json::value& name : required->get_array()) {
    if (name.is_string()) names.emplace_back(View(name.get_string()));
  }
  return names;
}

}  // namespace colophon::schema
