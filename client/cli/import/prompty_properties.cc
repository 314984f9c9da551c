#include "client/cli/import/prompty_properties.h"

#include <optional>
#include <utility>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kMaxDepth = 32;

// Prompty's words for types, and JSON Schema's.
std::string TypeName(const std::string& word) {
  if (word == "float") return "number";
  if (word == "int") return "integer";
  if (word == "bool") return "boolean";
  if (word == "str") return "string";
  if (word == "list") return "array";
  if (word == "dict") return "object";
  return word;
}

bool IsJsonType(const std::string& type) {
  return type == "string" || type == "integer" || type == "number" || type == "boolean" ||
         type == "array" || type == "object";
}

absl::StatusOr<PromptyProperty> ReadProperty(const std::string& name, const JsonNode& node) {
  PromptyProperty property;
  property.name = name;
  if (!node.value().is_object()) {
    property.sample = node.value();
    property.type = PromptyTypeOf(node.value());
    return property;
  }
  property.definition = node.value();
  if (const auto given = node.Find("name"); given && name.empty()) {
    ASSIGN_OR_RETURN(property.name, given->Text());
  }
  if (property.name.empty()) return node.Problem("the property has no name");
  for (const char* key : {"kind", "type"}) {
    if (const auto type = node.Find(key)) {
      ASSIGN_OR_RETURN(const std::string word, type->Text());
      property.type = TypeName(word);
    }
  }
  if (const auto description = node.Find("description")) {
    ASSIGN_OR_RETURN(property.description, description->Text());
  }
  const auto required = node.Find("required");
  if (required) property.required = required->value() == json::value(true);
  if (const auto given = node.Find("default")) property.default_value = given->value();
  if (const auto sample = node.Find("sample")) property.sample = sample->value();
  if (property.type == "any" && !property.sample.is_null()) {
    property.type = PromptyTypeOf(property.sample);
  }
  return property;
}

absl::StatusOr<std::vector<PromptyProperty>> ReadProperties(const JsonNode& node, int depth) {
  if (depth > kMaxDepth) return node.Problem("there are too many levels of properties");
  std::vector<PromptyProperty> properties;
  if (node.value().is_array()) {
    ASSIGN_OR_RETURN(const std::vector<JsonNode> elements, node.Elements());
    for (const JsonNode& element : elements) {
      RETURN_IF_ERROR(element.CheckObject());
      ASSIGN_OR_RETURN(PromptyProperty property, ReadProperty("", element));
      properties.push_back(std::move(property));
    }
    return properties;
  }
  RETURN_IF_ERROR(node.CheckObject());
  const auto inner = node.Find("properties");
  if (inner && (inner->value().is_array() || inner->value().is_object())) {
    return ReadProperties(*inner, depth + 1);
  }
  for (const auto& member : node.value().get_object()) {
    const std::string name(member.key());
    const auto found = node.Find(name);
    if (name.empty()) return node.Problem("a property has no name");
    if (!found) {  // Null: declared, and no more.
      properties.emplace_back().name = name;
      continue;
    }
    ASSIGN_OR_RETURN(PromptyProperty property, ReadProperty(name, *found));
    properties.push_back(std::move(property));
  }
  return properties;
}

// A list's `items` and an object's `properties` are properties again.
json::value SchemaOfProperty(const PromptyProperty& property, const std::string& field,
                             const NotCarriedSink& sink, int depth) {
  json::object schema;
  if (IsJsonType(property.type)) {
    schema["type"] = json::string(property.type);
  } else if (property.type != "any") {
    sink(field, fmt::format("the type {} is not known: any value is taken", property.type));
  }
  if (!property.description.empty()) schema["description"] = json::string(property.description);
  if (!property.definition.is_object()) return schema;
  const json::object& definition = property.definition.get_object();
  if (const json::value* values = definition.if_contains("enum")) schema["enum"] = *values;
  for (const char* key : {"items", "properties"}) {
    const json::value* inner = definition.if_contains(key);
    if (inner == nullptr || inner->is_null()) continue;
    const JsonNode node(field, *inner);
    if (std::string_view(key) == "items" && inner->is_object()) {
      const auto item = ReadProperty("items", node);
      if (item.ok() && depth < kMaxDepth) {
        schema["items"] = SchemaOfProperty(*item, field + ".items", sink, depth + 1);
        continue;
      }
    }
    const auto properties = ReadProperties(node, depth + 1);
    if (std::string_view(key) == "properties" && properties.ok()) {
      const json::value nested = PromptySchema(*properties, /*required=*/true, field, sink);
      schema["properties"] = nested.at("properties");
      schema["required"] = nested.at("required");
      continue;
    }
    sink(fmt::format("{}.{}", field, key),
         fmt::format("{} is no property of a kind that is known here", ShowJson(*inner)));
  }
  return schema;
}

absl::Status TakeTool(const std::string& name, const JsonNode& node, const std::string& field,
                      ModelSettings* settings, const NotCarriedSink& sink) {
  RETURN_IF_ERROR(node.CheckObject());
  // As OpenAI's API has it.
  if (const auto function = node.Find("function"); function && function->value().is_object()) {
    TakeTools(json::array{node.value()}, field, settings, sink);
    return absl::OkStatus();
  }
  std::string tool_name = name;
  std::string kind = "function";
  for (const char* key : {"id", "name"}) {
    const auto given = node.Find(key);
    if (tool_name.empty() && given) {
      ASSIGN_OR_RETURN(tool_name, given->Text());
    }
  }
  for (const char* key : {"kind", "type"}) {
    if (const auto given = node.Find(key)) {
      ASSIGN_OR_RETURN(kind, given->Text());
    }
  }
  if (kind != "function") {
    sink(field, fmt::format("{} is no function: here the model is told of functions only", kind));
    return absl::OkStatus();
  }
  json::object definition{{"name", json::string(tool_name)}};
  for (const auto& member : node.value().get_object()) {
    const std::string key(member.key());
    const auto value = node.Find(key);
    if (!value || key == "id" || key == "name" || key == "kind" || key == "type") continue;
    if (key == "description") {
      ASSIGN_OR_RETURN(const std::string text, value->Text());
      definition["description"] = json::string(text);
    } else if (key == "parameters") {
      const json::value* type =
          value->value().is_object() ? value->value().get_object().if_contains("type") : nullptr;
      if (type != nullptr && *type == json::value("object")) {  // JSON Schema already.
        definition["inputSchema"] = value->value();
        continue;
      }
      ASSIGN_OR_RETURN(const auto parameters, PromptyProperties(*value));
      definition["inputSchema"] = PromptySchema(parameters, /*required=*/false, field, sink);
    } else {
      sink(fmt::format("{}.{}", field, key),
           fmt::format("{} has no place in a tool's definition", ShowValue(key, member.value())));
    }
  }
  settings->tools.push_back(std::move(definition));
  return absl::OkStatus();
}

}  // namespace

std::string PromptyTypeOf(const json::value& value) {
  if (value.is_string()) return "string";
  if (value.is_bool()) return "boolean";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  if (value.is_double()) return "number";
  return value.is_null() ? "any" : "integer";
}

absl::StatusOr<std::vector<PromptyProperty>> PromptyProperties(const JsonNode& node) {
  return ReadProperties(node, 0);
}

json::value PromptySchema(const std::vector<PromptyProperty>& properties, bool required,
                          const std::string& field, const NotCarriedSink& sink) {
  json::object members;
  json::array names;
  for (const PromptyProperty& property : properties) {
    const std::string at = fmt::format("{}.{}", field, property.name);
    members[property.name] = SchemaOfProperty(property, at, sink, 0);
    if (property.required.value_or(required)) names.push_back(json::string(property.name));
  }
  return json::object{{"type", "object"}, {"properties", members}, {"required", names}};
}

absl::Status PromptyTools(const JsonNode& node, ModelSettings* settings,
                          const NotCarriedSink& sink) {
  if (node.value().is_object()) {
    for (const auto& member : node.value().get_object()) {
      const std::string name(member.key());
      if (const auto tool = node.Find(name)) {
        RETURN_IF_ERROR(TakeTool(name, *tool, "tools." + name, settings, sink));
      }
    }
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::vector<JsonNode> tools, node.Elements());
  for (size_t i = 0; i < tools.size(); ++i) {
    RETURN_IF_ERROR(TakeTool("", tools[i], fmt::format("tools[{}]", i), settings, sink));
  }
  return absl::OkStatus();
}

}  // namespace colophon
