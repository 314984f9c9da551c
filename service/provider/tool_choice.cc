#include "service/provider/tool_choice.h"

#include <string>

#include "service/provider/json_fields.h"

namespace colophon {
namespace {

constexpr char kChoice[] = "tool_choice";
constexpr char kParallel[] = "parallel_tool_calls";
constexpr char kNotParallel[] = "disable_parallel_tool_use";

}  // namespace

void WriteOpenAiToolChoice(json::object* body) {
  const json::object* const given = ObjectOf(*body, kChoice);
  if (given == nullptr) return;
  const std::string type = TextOf(*given, "type");
  const json::value* const not_parallel = FieldOf(*given, kNotParallel);
  json::value choice;
  if (type == "auto" || type == "none") {
    choice = type;
  } else if (type == "any") {
    choice = "required";
  } else if (type == "tool") {
    choice = {{"type", "function"}, {"function", {{"name", TextOf(*given, "name")}}}};
  } else {
    return;
  }
  if (not_parallel != nullptr && *not_parallel == json::value(true)) (*body)[kParallel] = false;
  (*body)[kChoice] = std::move(choice);
}

void WriteAnthropicToolChoice(json::object* body) {
  json::value choice = body->contains(kChoice) ? body->at(kChoice) : json::value(nullptr);
  if (choice == json::value("required")) {
    choice = {{"type", "any"}};
  } else if (choice.is_string()) {
    choice = json::object{{"type", choice.get_string()}};
  } else if (choice.is_object()) {
    if (const json::object* const function = ObjectOf(choice.get_object(), "function")) {
      choice = json::object{{"type", "tool"}, {"name", TextOf(*function, "name")}};
    }
  }
  if (const json::value* const parallel = FieldOf(*body, kParallel)) {
    if (*parallel == json::value(false)) {
      if (!choice.is_object()) choice = json::object{{"type", "auto"}};
      choice.get_object()[kNotParallel] = true;
    }
    body->erase(kParallel);
  }
  if (!choice.is_null()) (*body)[kChoice] = std::move(choice);
}

}  // namespace colophon
