#include "client/cli/import/model_settings.h"

#include <map>
#include <utility>

#include "client/cli/import/json_node.h"
#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

enum class Kind { kNumber, kWhole, kBool, kText };

struct Setting {
  const char* name;  // In front matter.
  Kind kind;
};

// By their names in the APIs and SDKs.
const std::map<std::string_view, Setting>& Settings() {
  static const auto* const kSettings = new std::map<std::string_view, Setting>{
      {"temperature", {"temperature", Kind::kNumber}},
      {"top_p", {"topP", Kind::kNumber}},
      {"topP", {"topP", Kind::kNumber}},
      {"top_k", {"topK", Kind::kWhole}},
      {"topK", {"topK", Kind::kWhole}},
      {"max_tokens", {"maxOutputTokens", Kind::kWhole}},
      {"maxTokens", {"maxOutputTokens", Kind::kWhole}},
      {"max_output_tokens", {"maxOutputTokens", Kind::kWhole}},
      {"maxOutputTokens", {"maxOutputTokens", Kind::kWhole}},
      {"max_completion_tokens", {"maxOutputTokens", Kind::kWhole}},
      {"frequency_penalty", {"frequencyPenalty", Kind::kNumber}},
      {"frequencyPenalty", {"frequencyPenalty", Kind::kNumber}},
      {"presence_penalty", {"presencePenalty", Kind::kNumber}},
      {"presencePenalty", {"presencePenalty", Kind::kNumber}},
      {"seed", {"seed", Kind::kWhole}},
      {"reasoning_effort", {"reasoningEffort", Kind::kText}},
      {"verbosity", {"verbosity", Kind::kText}},
      {"parallel_tool_calls", {"parallelToolCalls", Kind::kBool}},
  };
  return *kSettings;
}

bool IsOfKind(const json::value& value, Kind kind) {
  switch (kind) {
    case Kind::kNumber:
      return value.is_number();
    case Kind::kWhole:
      return value.is_int64() || value.is_uint64();
    case Kind::kBool:
      return value.is_bool();
    case Kind::kText:
      return value.is_string();
  }
  return false;
}

const json::value* Member(const json::value& value, json::string_view key) {
  if (!value.is_object()) return nullptr;
  const json::value* found = value.get_object().if_contains(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string TypeOf(const json::value& value) {
  const json::value* type = Member(value, "type");
  return type != nullptr && type->is_string() ? std::string(type->get_string()) : "";
}

void TakeStop(const json::value& value, const std::string& field, ModelSettings* settings,
              const NotCarriedSink& sink) {
  json::array stops = value.is_array() ? value.get_array() : json::array{value};
  for (const json::value& stop : stops) {
    if (stop.is_string()) continue;
    sink(field, fmt::format("{} is no text to stop at", ShowJson(value)));
    return;
  }
  settings->config["stopSequences"] = std::move(stops);
}

// The Responses API names the function flat, chat completions inside of
// "function", which is what the parameter goes to.
void TakeToolChoice(const json::value& value, ModelSettings* settings) {
  const json::value* name = Member(value, "name");
  if (TypeOf(value) == "function" && name != nullptr) {
    settings->config["tool_choice"] = {{"type", "function"}, {"function", {{"name", *name}}}};
  } else {
    settings->config["tool_choice"] = value;
  }
}

// {"effort": "low", "summary": "auto"}, {"format": …, "verbosity": "low"}
void TakeGroup(const json::value& value, const std::string& field,
               const std::map<std::string_view, std::string_view>& names, ModelSettings* settings,
               const NotCarriedSink& sink) {
  if (!value.is_object()) {
    sink(field, fmt::format("{} is no object of settings", ShowJson(value)));
    return;
  }
  for (const auto& member : value.get_object()) {
    if (member.value().is_null()) continue;
    const std::string_view key = View(member.key());
    const std::string inner = fmt::format("{}.{}", field, key);
    const auto name = names.find(key);
    if (name != names.end()) {
      TakeSetting(name->second, member.value(), inner, settings, sink);
    } else {
      sink(inner, fmt::format("{} has no place in front matter", ShowValue(key, member.value())));
    }
  }
}

// A schema that Picoschema could be taken for says that it is none.
json::value AsJsonSchema(const json::value& schema) {
  if (!schema.is_object() || Member(schema, "type") != nullptr ||
      Member(schema, "$ref") != nullptr || schema.get_object().contains("$schema")) {
    return schema;
  }
  json::object marked{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  for (const auto& member : schema.get_object()) marked.insert(member);
  return marked;
}

void TakeFunction(const json::value& tool, const std::string& field, ModelSettings* settings,
                  const NotCarriedSink& sink) {
  const json::value* inner = Member(tool, "function");
  const json::value& function = inner != nullptr && inner->is_object() ? *inner : tool;
  json::object definition;
  for (const auto& member : function.get_object()) {
    const std::string_view key = View(member.key());
    if (member.value().is_null() || key == "type") continue;
    if (key == "name" || key == "description") {
      definition[member.key()] = member.value();
    } else if (key == "parameters") {
      definition["inputSchema"] = AsJsonSchema(member.value());
    } else if (!(key == "strict" && member.value() == json::value(false))) {
      sink(fmt::format("{}.{}", field, key),
           fmt::format("{} has no place in a tool's definition", ShowValue(key, member.value())));
    }
  }
  settings->tools.push_back(std::move(definition));
}

}  // namespace

void TakeTools(const json::value& tools, const std::string& field, ModelSettings* settings,
               const NotCarriedSink& sink) {
  if (!tools.is_array()) {
    sink(field, fmt::format("{} is no list of tools", ShowJson(tools)));
    return;
  }
  for (size_t i = 0; i < tools.get_array().size(); ++i) {
    const json::value& tool = tools.get_array()[i];
    const std::string at = fmt::format("{}[{}]", field, i);
    const json::value* function = Member(tool, "function");
    const bool bare = TypeOf(tool).empty() && Member(tool, "name") != nullptr;
    if (TypeOf(tool) == "function" || (function != nullptr && function->is_object()) || bare) {
      TakeFunction(tool, at, settings, sink);
    } else {
      sink(at, fmt::format("{} is no function: the store ran it itself, and here the model is told "
                           "of functions only",
                           TypeOf(tool).empty() ? ShowJson(tool) : TypeOf(tool)));
    }
  }
}

void TakeResponseFormat(const json::value& format, const std::string& field,
                        ModelSettings* settings, const NotCarriedSink& sink) {
  const std::string type = TypeOf(format);
  if (type == "text") return;
  if (type == "json_object") {
    settings->output_format = "json";
    return;
  }
  // Flat in the Responses API, inside of "json_schema" in chat completions.
  const json::value* inner = Member(format, "json_schema");
  const json::value& holder = inner != nullptr ? *inner : format;
  const json::value* schema = Member(holder, "schema");
  if (type != "json_schema" || schema == nullptr || !schema->is_object()) {
    sink(field, fmt::format("{} is no format of an answer that is known here", ShowJson(format)));
    return;
  }
  settings->output_format = "json";
  settings->output_schema = AsJsonSchema(*schema);
  for (const auto& member : holder.get_object()) {
    const std::string_view key = View(member.key());
    if (key == "type" || key == "schema" || member.value().is_null() ||
        member.value() == json::value(false)) {
      continue;
    }
    sink(fmt::format("{}.{}", field, key),
         fmt::format("{} has no place beside a schema", ShowValue(key, member.value())));
  }
}

void TakeSetting(std::string_view key, const json::value& value, const std::string& field,
                 ModelSettings* settings, const NotCarriedSink& sink) {
  if (value.is_null()) return;
  if (const auto found = Settings().find(key); found != Settings().end()) {
    if (IsOfKind(value, found->second.kind)) {
      settings->config[found->second.name] = value;
    } else {
      sink(field, fmt::format("{} is no value of {}", ShowJson(value), key));
    }
  } else if (key == "stop" || key == "stop_sequences" || key == "stopSequences") {
    TakeStop(value, field, settings, sink);
  } else if (key == "tool_choice") {
    TakeToolChoice(value, settings);
  } else if (key == "tools" || key == "functions") {
    TakeTools(value, field, settings, sink);
  } else if (key == "response_format" || key == "format") {
    TakeResponseFormat(value, field, settings, sink);
  } else if (key == "reasoning") {
    TakeGroup(value, field, {{"effort", "reasoning_effort"}}, settings, sink);
  } else if (key == "text") {
    TakeGroup(value, field, {{"format", "format"}, {"verbosity", "verbosity"}}, settings, sink);
  } else {
    sink(field,
         fmt::format("{} is no setting of a call that is known here", ShowValue(key, value)));
  }
}

std::string QualifiedModel(std::string_view model) {
  if (model.find('/') != model.npos) return std::string(model);
  for (const std::string_view start : {"gpt-", "chatgpt-", "o1", "o3", "o4", "ft:gpt-"}) {
    if (model.starts_with(start)) return fmt::format("openai/{}", model);
  }
  if (model.starts_with("claude-")) return fmt::format("anthropic/{}", model);
  return std::string(model);
}

std::string ShowValue(std::string_view key, const json::value& value) {
  std::string small(key);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const std::string_view secret : {"key", "secret", "token", "password", "authorization"}) {
    if (small.find(secret) != small.npos) return "its value (not shown)";
  }
  return ShowJson(value);
}

}  // namespace colophon
