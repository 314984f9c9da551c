#include "client/cli/import/prompt_text.h"

#include <algorithm>
#include <string_view>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/syntax/js_text.h"
#include "yaml-cpp/emitter.h"

namespace colophon {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// What every YAML reader takes for this text and nothing else.
bool IsPlain(std::string_view text) {
  if (text.empty() || text.size() > 200 || !IsLetter(text[0]) || text.back() == ' ') return false;
  for (const char c : text) {
    if (!syntax::IsWordCharacter(c) &&
        std::string_view("-./ ,()?").find(c) == std::string_view::npos) {
      return false;
    }
  }
  std::string small(text);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const char* word : {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (small == word) return false;
  }
  return true;
}

bool IsScalar(const json::value& value) { return !value.is_array() && !value.is_object(); }

void EmitText(std::string_view text, bool in_flow, YAML::Emitter* out) {
  const bool plain = IsPlain(text) && !(in_flow && text.find_first_of(",?") != text.npos);
  if (!plain) *out << YAML::DoubleQuoted;
  *out << std::string(text);
}

void Emit(const json::value& value, bool in_flow, YAML::Emitter* out) {
  switch (value.kind()) {
    case json::kind::object: {
      const json::object& object = value.get_object();
      if (object.empty()) *out << YAML::Flow;
      *out << YAML::BeginMap;
      for (const auto& member : object) {
        *out << YAML::Key;
        EmitText(View(member.key()), in_flow, out);
        *out << YAML::Value;
        Emit(member.value(), in_flow, out);
      }
      *out << YAML::EndMap;
      return;
    }
    case json::kind::array: {
      const json::array& array = value.get_array();
      const bool flow = in_flow || std::all_of(array.begin(), array.end(), IsScalar);
      if (flow) *out << YAML::Flow;
      *out << YAML::BeginSeq;
      for (const json::value& element : array) Emit(element, flow, out);
      *out << YAML::EndSeq;
      return;
    }
    case json::kind::string:
      return EmitText(View(value.get_string()), in_flow, out);
    case json::kind::null:
      *out << YAML::Null;
      return;
    default:
      *out << WriteJson(value);
  }
}

}  // namespace

std::string ToYaml(const json::object& value) {
  YAML::Emitter out;
  Emit(value, /*in_flow=*/false, &out);
  // yaml-cpp writes U+007F as it is, which YAML doesn't have; it is in quotes.
  std::string yaml;
  for (const char c : std::string_view(out.c_str(), out.size())) {
    if (c == '\x7f') {
      yaml += "\\x7f";
    } else {
      yaml += c;
    }
  }
  return yaml + "\n";
}

std::string PromptText(const json::object& front_matter, const TemplateWriter& body) {
  if (front_matter.empty()) return body.Body(/*alone=*/true);
  return fmt::format("---\n{}---\n{}", ToYaml(front_matter), body.Body(/*alone=*/false));
}

json::object SchemaOfVariables(const std::map<std::string, VariableSchema>& variables) {
  const bool pico = std::all_of(variables.begin(), variables.end(), [](const auto& variable) {
    const std::string& name = variable.first;
    // {type: any} would be JSON Schema.
    return IsLetter(name[0]) && std::all_of(name.begin(), name.end(), syntax::IsWordCharacter) &&
           name != "type" && name != "properties";
  });
  json::object properties;
  json::array required;
  for (const auto& [name, variable] : variables) {
    if (pico) {
      const bool described = !variable.description.empty();
      properties[variable.optional ? name + "?" : name] = json::string(
          described ? fmt::format("{}, {}", variable.type, variable.description) : variable.type);
      continue;
    }
    json::object property;
    if (variable.type != "any") property["type"] = json::string(variable.type);
    if (!variable.description.empty()) property["description"] = json::string(variable.description);
    properties[name] = std::move(property);
    if (!variable.optional) required.push_back(json::string(name));
  }
  if (pico) return properties;
  return {{"type", "object"}, {"properties", properties}, {"required", required}};
}

json::object SchemaOfVariables(const std::set<std::string>& names) {
  std::map<std::string, VariableSchema> variables;
  for (const std::string& name : names) variables[name] = {};
  return SchemaOfVariables(variables);
}

void AddSettings(const ModelSettings& settings, json::object* front_matter) {
  if (!settings.config.empty()) (*front_matter)["config"] = settings.config;
  if (!settings.tools.empty()) (*front_matter)["toolDefs"] = settings.tools;
  json::object output;
  if (!settings.output_format.empty()) output["format"] = json::string(settings.output_format);
  if (!settings.output_schema.is_null()) output["schema"] = settings.output_schema;
  if (!output.empty()) (*front_matter)["output"] = std::move(output);
}

}  // namespace colophon
