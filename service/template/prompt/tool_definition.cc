#include "service/template/prompt/tool_definition.h"

#include <string>
#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::prompt {

bool IsToolName(std::string_view name) {
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(kCharacters) == name.npos;
}

std::optional<v1::Tool> ParseTool(const json::value& definition, std::string_view name,
                                  const schema::Resolver& resolve,
                                  std::vector<schema::Problem>* problems) {
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
    const json::value converted = schema::ToJsonSchema(*schema, resolve, problems);
    for (size_t i = before; i < problems->size(); ++i) {
      if ((*problems)[i].is_error) return std::nullopt;
    }
    if (!converted.is_null()) tool.set_input_schema(WriteJson(converted));
    break;
  }
  return tool;
}

}  // namespace colophon::prompt
