#include "service/template/plan.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/diagnostics.h"

namespace colophon {
namespace {

std::string_view View(json::string_view text) { return {text.data(), text.size()}; }
std::string_view View(const json::string& text) { return {text.data(), text.size()}; }
json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

bool IsToolName(std::string_view name) {
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(kCharacters) == name.npos;
}

bool IsReserved(std::string_view key) {
  for (const std::string_view reserved : {"config", "description", "input", "model", "name",
                                          "output", "toolDefs", "tools", "variant", "version"}) {
    if (key == reserved) return true;
  }
  return false;
}

// "a.b.c: 1" is ext["a.b"].c: split at the last dot, one level.
json::object ExtensionsOf(const json::object& raw) {
  json::object ext;
  for (const auto& member : raw) {
    const std::string_view key = View(member.key());
    const size_t dot = key.rfind('.');
    if (dot == key.npos || IsReserved(key)) continue;
    json::value& space = ext[json::string_view(key.data(), dot)];
    if (!space.is_object()) space.emplace_object();
    space.get_object()[json::string_view(key.data() + dot + 1, key.size() - dot - 1)] =
        member.value();
  }
  return ext;
}

// Puts the JSON Schema of metadata[key].schema in its place.
void ReplaceSchema(std::string_view key, const json::value& schema, json::object* metadata) {
  json::value* section = metadata->if_contains(json::string_view(key.data(), key.size()));
  if (section == nullptr || !section->is_object() || schema.is_null()) return;
  section->get_object()["schema"] = schema;
}

// `tools` keeps the names that no file defines; the others become `toolDefs`.
void ReplaceTools(const Closure& closure, json::object* metadata) {
  const FrontMatter& matter = closure.prompt->front_matter();
  if (!metadata->contains("tools")) return;
  json::array definitions = matter.tool_definitions;
  json::array unknown;
  for (const std::string& name : matter.tools) {
    const auto tool = closure.tools.find(name);
    if (tool == closure.tools.end()) {
      unknown.push_back(Text(name));
      continue;
    }
    json::object definition;
    definition["name"] = Text(tool->second.name());
    definition["description"] = Text(tool->second.description());
    const auto schema = ParseJson(tool->second.input_schema());
    if (schema.ok()) definition["inputSchema"] = *schema;
    definitions.push_back(std::move(definition));
  }
  (*metadata)["tools"] = std::move(unknown);
  (*metadata)["toolDefs"] = std::move(definitions);
}

json::object MetadataOf(const Closure& closure, const json::value& input_schema,
                        const json::value& output_schema) {
  const json::object& raw = closure.prompt->front_matter().raw;
  json::object metadata;
  metadata["ext"] = ExtensionsOf(raw);
  metadata["metadata"] = json::object();
  metadata["config"] = json::object();
  for (const auto& member : raw) {
    if (IsReserved(View(member.key()))) metadata[member.key()] = member.value();
  }
  if (!metadata["config"].is_object()) metadata["config"].emplace_object();
  if (!closure.prompt->front_matter().positions.empty()) metadata["raw"] = raw;
  ReplaceTools(closure, &metadata);
  ReplaceSchema("input", input_schema, &metadata);
  ReplaceSchema("output", output_schema, &metadata);
  return metadata;
}

v1::Rendered RenderedOf(const Closure& closure, const json::value& output_schema,
                        const SchemaResolver& resolve) {
  const FrontMatter& matter = closure.prompt->front_matter();
  v1::Rendered rendered;
  rendered.set_model(matter.model);
  FromJson(matter.config, rendered.mutable_config());
  if (matter.config.empty()) rendered.clear_config();
  for (const std::string& name : matter.tools) {
    const auto tool = closure.tools.find(name);
    if (tool != closure.tools.end()) *rendered.add_tools() = tool->second;
  }
  std::vector<SchemaProblem> problems;
  for (const json::value& definition : matter.tool_definitions) {
    if (auto tool = ParseTool(definition, "", resolve, &problems)) {
      *rendered.add_tools() = *std::move(tool);
    }
  }
  if (!output_schema.is_null()) rendered.set_output_schema(WriteJson(output_schema));
  rendered.set_output_format(matter.output_format);
  return rendered;
}

}  // namespace

SchemaResolver ResolverOf(const std::map<std::string, std::string>& schemas) {
  return [&schemas](std::string_view name) -> std::optional<json::value> {
    const auto schema = schemas.find(std::string(name));
    if (schema == schemas.end()) return std::nullopt;
    auto value = ParseJson(schema->second);
    if (!value.ok()) return std::nullopt;
    return *std::move(value);
  };
}

std::shared_ptr<const PromptPlan> MakePlan(const Closure& closure) {
  const FrontMatter& matter = closure.prompt->front_matter();
  const SchemaResolver resolve = ResolverOf(closure.schemas);
  std::vector<SchemaProblem> problems;
  const json::value input_schema = ToJsonSchema(matter.input_schema, resolve, &problems);
  const json::value output_schema = ToJsonSchema(matter.output_schema, resolve, &problems);
  auto plan = std::make_shared<PromptPlan>();
  plan->rendered = RenderedOf(closure, output_schema, resolve);
  for (std::string& name : RequiredProperties(input_schema)) {
    if (!matter.input_default.contains(name)) plan->required.push_back(std::move(name));
  }
  plan->metadata = MetadataOf(closure, input_schema, output_schema);
  json::object prompt = plan->metadata;
  prompt.erase("input");
  plan->data["prompt"] = std::move(prompt);
  return plan;
}

std::optional<v1::Tool> ParseTool(const json::value& definition, std::string_view name,
                                  const SchemaResolver& resolve,
                                  std::vector<SchemaProblem>* problems) {
  const auto fail = [&](std::string message) {
    problems->push_back({"", "BAD_TOOL", std::move(message), true});
    return std::nullopt;
  };
  if (!definition.is_object()) {
    return fail("a tool is {\"name\": …, \"description\": …, \"inputSchema\": …}");
  }
  const json::object* object = &definition.get_object();
  if (const json::value* function = object->if_contains("function")) {
    if (function->is_object()) object = &function->get_object();
  }
  v1::Tool tool;
  tool.set_name(std::string(name));
  if (const json::value* given = object->if_contains("name"); given && given->is_string()) {
    tool.set_name(std::string(View(given->get_string())));
  }
  if (!IsToolName(tool.name())) {
    return fail(fmt::format("the tool's name is {}: it has to be 1 to 64 letters, digits, _ or -",
                            Quote(tool.name())));
  }
  if (const json::value* text = object->if_contains("description"); text && text->is_string()) {
    tool.set_description(std::string(View(text->get_string())));
  }
  tool.set_input_schema(R"({"type":"object","properties":{}})");
  for (const char* key : {"inputSchema", "input_schema", "parameters"}) {
    const json::value* schema = object->if_contains(key);
    if (schema == nullptr || schema->is_null()) continue;
    const size_t before = problems->size();
    const json::value converted = ToJsonSchema(*schema, resolve, problems);
    for (size_t i = before; i < problems->size(); ++i) {
      if ((*problems)[i].is_error) return std::nullopt;
    }
    if (!converted.is_null()) tool.set_input_schema(WriteJson(converted));
    break;
  }
  return tool;
}

}  // namespace colophon
