#include "service/template/prompt/planner.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/named_schemas.h"
#include "service/template/prompt/tool_definition.h"
#include "service/template/schema/cache.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::prompt {
namespace {

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

// What the closure or the call defines, in this order.
const v1::Tool* FindTool(const Closure& closure, const Definitions& brought,
                         const std::string& name) {
  const auto own = closure.tools.find(name);
  if (own != closure.tools.end()) return &own->second;
  const auto other = brought.tools.find(name);
  return other == brought.tools.end() ? nullptr : &other->second;
}

// `tools` keeps the names that nothing defines; the others become `toolDefs`.
void ReplaceTools(const Closure& closure, const Definitions& brought, json::object* metadata) {
  const FrontMatter& matter = closure.prompt->front_matter();
  if (!metadata->contains("tools")) return;
  json::array definitions = matter.tool_definitions;
  json::array unknown;
  for (const std::string& name : matter.tools) {
    const v1::Tool* const tool = FindTool(closure, brought, name);
    if (tool == nullptr) {
      unknown.push_back(JsonText(name));
      continue;
    }
    json::object definition;
    definition["name"] = JsonText(tool->name());
    if (!tool->description().empty()) definition["description"] = JsonText(tool->description());
    const auto schema = ParseJson(tool->input_schema());
    if (schema.ok()) definition["inputSchema"] = *schema;
    definitions.push_back(std::move(definition));
  }
  (*metadata)["tools"] = std::move(unknown);
  (*metadata)["toolDefs"] = std::move(definitions);
}

json::object MetadataOf(const Closure& closure, const Definitions& brought,
                        const json::value& input_schema, const json::value& output_schema) {
  const FrontMatter& matter = closure.prompt->front_matter();
  const json::object& raw = matter.raw;
  json::object metadata;
  metadata["ext"] = ExtensionsOf(raw);
  metadata["metadata"] = json::object();
  metadata["config"] = json::object();
  for (const auto& member : raw) {
    if (IsReserved(View(member.key()))) metadata[member.key()] = member.value();
  }
  if (!metadata["config"].is_object()) metadata["config"].emplace_object();
  if (!matter.positions.empty()) metadata["raw"] = raw;
  for (const auto& member : matter.added) {
    if (member.key() != "config") metadata[member.key()] = member.value();
  }
  for (const auto& member : matter.config) {
    metadata["config"].get_object()[member.key()] = member.value();
  }
  ReplaceTools(closure, brought, &metadata);
  ReplaceSchema("input", input_schema, &metadata);
  ReplaceSchema("output", output_schema, &metadata);
  return metadata;
}

v1::Rendered RenderedOf(const Closure& closure, const Definitions& brought,
                        const json::value& output_schema, const schema::Resolver& resolve) {
  const FrontMatter& matter = closure.prompt->front_matter();
  v1::Rendered rendered;
  rendered.set_model(matter.model);
  FromJson(matter.config, rendered.mutable_config());
  if (matter.config.empty()) rendered.clear_config();
  for (const std::string& name : matter.tools) {
    const v1::Tool* const tool = FindTool(closure, brought, name);
    if (tool != nullptr) *rendered.add_tools() = *tool;
  }
  std::vector<schema::Problem> problems;
  for (const json::value& definition : matter.tool_definitions) {
    if (auto tool = ParseTool(definition, "", resolve, &problems)) {
      *rendered.add_tools() = *std::move(tool);
    }
  }
  if (!output_schema.is_null()) rendered.set_output_schema(WriteJson(output_schema));
  rendered.set_output_format(matter.output_format);
  return rendered;
}

// Null when everything is valid, and for what can't be compiled, which publish
// has told.
std::shared_ptr<const schema::JsonSchema> CompileSchema(const json::value& schema, Work* work) {
  if (schema.is_null()) return nullptr;
  if (schema.is_object() && schema.get_object().empty()) return nullptr;
  const auto compiled = schema::Cache::Shared().Compile(schema, work);
  return compiled == nullptr ? nullptr : compiled->schema;
}

bool TakesObjects(const json::value& schema) {
  if (!schema.is_object()) return true;
  const json::value* const type = schema.get_object().if_contains("type");
  return type == nullptr || !type->is_string() || type->get_string() == "object";
}

// Sorts the names that no file defines into what the call brought and what
// nothing defines.
void TakeDefinitions(const Closure& closure, const Definitions& brought, Plan* plan) {
  for (const std::string& key : closure.names) {
    const size_t colon = key.find(':');
    const std::string kind = key.substr(0, colon);
    const std::string name = key.substr(colon + 1);
    if (kind == "schema" && closure.schemas.count(name) == 0) {
      const auto schema = brought.schemas.find(name);
      if (schema != brought.schemas.end()) {
        plan->definitions.schemas.insert(*schema);
        continue;
      }
    } else if (kind == "tool" && closure.tools.count(name) == 0) {
      const auto tool = brought.tools.find(name);
      if (tool != brought.tools.end()) {
        plan->definitions.tools.insert(*tool);
        continue;
      }
    } else {
      continue;
    }
    plan->undefined.push_back(key);
  }
}

absl::Status CheckTool(const v1::Tool& tool) {
  const auto schema = ParseJson(tool.input_schema().empty() ? "{}" : tool.input_schema());
  if (!schema.ok() || !schema->is_object()) {
    return InvalidArgument("BAD_TOOL",
                           fmt::format("input_schema of the tool {} is not a JSON object: {}",
                                       Quote(tool.name()), Quote(tool.input_schema())));
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(const std::string& name, const std::string& text, Work* work) {
  const auto schema = ParseJson(text);
  if (!schema.ok() || !(schema->is_object() || schema->is_bool())) {
    return InvalidArgument("BAD_SCHEMA", fmt::format("the schema {} is not a JSON object: {}",
                                                     Quote(name), Quote(text)));
  }
  const auto compiled = schema::Cache::Shared().Compile(*schema, work);
  if (compiled == nullptr || compiled->schema != nullptr) return absl::OkStatus();
  const auto error = std::find_if(compiled->problems.begin(), compiled->problems.end(),
                                  [](const schema::Problem& problem) { return problem.is_error; });
  return InvalidArgument("BAD_SCHEMA", fmt::format("the schema {} is wrong at {}: {}", Quote(name),
                                                   Quote(error->pointer), error->message));
}

std::shared_ptr<const Plan> MakePlan(const Closure& closure, const Definitions& brought,
                                     NamedSchemas* named, Work* work) {
  const FrontMatter& matter = closure.prompt->front_matter();
  auto plan = std::make_shared<Plan>();
  TakeDefinitions(closure, brought, plan.get());
  const schema::Resolver resolve = named->resolver();
  std::vector<schema::Problem> problems;
  const json::value input_schema = schema::ToJsonSchema(matter.input_schema, resolve, &problems);
  const json::value output_schema = schema::ToJsonSchema(matter.output_schema, resolve, &problems);
  plan->rendered = RenderedOf(closure, plan->definitions, output_schema, resolve);
  plan->rendered_bytes = plan->rendered.ByteSizeLong();
  // Variables are an object: the schema of a prompt that takes one bare value, as
  // some do that never run here, says nothing of them.
  if (TakesObjects(input_schema)) plan->input_schema = CompileSchema(input_schema, work);
  plan->output_schema = CompileSchema(output_schema, work);
  for (std::string& name : schema::RequiredProperties(input_schema)) {
    if (!matter.input_default.contains(name)) plan->required.push_back(std::move(name));
  }
  plan->metadata = MetadataOf(closure, plan->definitions, input_schema, output_schema);
  json::object prompt = plan->metadata;
  prompt.stable_erase("input");
  plan->data["prompt"] = std::move(prompt);
  return plan;
}

}  // namespace

std::shared_ptr<const Plan> MakePlan(const Closure& closure) {
  NamedSchemas named(closure.schemas);
  Work work(Work::kNoLimit);
  return MakePlan(closure, {}, &named, &work);
}

absl::StatusOr<std::shared_ptr<const Plan>> PlanFor(
    const Closure& closure, const google::protobuf::RepeatedPtrField<v1::Tool>& tools,
    const google::protobuf::Map<std::string, std::string>& schemas, Work* work) {
  if (closure.plan != nullptr && closure.plan->undefined.empty()) return closure.plan;
  Work unlimited(Work::kNoLimit);
  if (work == nullptr) work = &unlimited;
  const auto out_of_work = [] { return Internal("the plan's work has ended"); };
  constexpr int64_t kCostOfName = 8;
  Definitions brought;
  const auto is_open = [&](std::string_view kind, const std::string& name) {
    return std::binary_search(closure.names.begin(), closure.names.end(),
                              fmt::format("{}:{}", kind, name));
  };
  for (const v1::Tool& tool : tools) {
    if (!work->Spend(kCostOfName + Work::OfBytes(tool.name().size()))) return out_of_work();
    if (!is_open("tool", tool.name())) continue;
    if (!SpendOnParse(tool.input_schema(), work)) return out_of_work();
    RETURN_IF_ERROR(CheckTool(tool));
    if (!brought.tools.emplace(tool.name(), tool).second) {
      return InvalidArgument(
          "BAD_TOOL", fmt::format("the tool {} is defined more than once", Quote(tool.name())));
    }
  }
  for (const auto& [name, text] : schemas) {
    if (!work->Spend(kCostOfName + Work::OfBytes(name.size()))) return out_of_work();
    if (!is_open("schema", name)) continue;
    if (!SpendOnParse(text, work)) return out_of_work();
    RETURN_IF_ERROR(CheckSchema(name, text, work));
    brought.schemas.emplace(name, text);
  }
  if (closure.plan != nullptr && brought.tools.empty() && brought.schemas.empty()) {
    return closure.plan;
  }
  // What stands in the prompt's own files is read once more.
  const bool paid =
      SpendOnCopy(closure.prompt->front_matter().raw, work) &&
      (closure.plan == nullptr || SpendOnParse(closure.plan->rendered.output_schema(), work));
  for (const auto& [name, tool] : closure.tools) SpendOnParse(tool.input_schema(), work);
  for (const auto& [name, tool] : brought.tools) SpendOnParse(tool.input_schema(), work);
  if (!paid || !work->ok()) return out_of_work();
  NamedSchemas named(closure.schemas, &brought.schemas, work);
  auto plan = MakePlan(closure, brought, &named, work);
  if (!work->ok()) return out_of_work();
  if (named.too_large()) return InvalidArgument("BAD_SCHEMA", NamedSchemas::TooLargeMessage());
  return plan;
}

}  // namespace colophon::prompt
