#pragma once

// How a prompt says to call the model: the settings of OpenAI's APIs, which
// other stores keep in the same words, as front matter has them.

#include <functional>
#include <string>
#include <string_view>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "service/base/json.h"

namespace colophon {

// Told of each thing that has no place here.
using NotCarriedSink = std::function<void(std::string_view field, std::string_view reason)>;

struct ModelSettings {
  json::object config;
  json::array tools;          // toolDefs
  std::string output_format;  // "json", or empty.
  json::value output_schema;
};

// Takes one setting: "temperature", "max_output_tokens", "tools", "text" and so
// on. `field` is where it stands, for the sink. Null is no setting.
void TakeSetting(std::string_view key, const json::value& value, const std::string& field,
                 ModelSettings* settings, const NotCarriedSink& sink);

// A list of tools: functions become toolDefs; what the store runs itself (web
// search, files, MCP) is told.
void TakeTools(const json::value& tools, const std::string& field, ModelSettings* settings,
               const NotCarriedSink& sink);

// {"type": "json_schema", …}, {"type": "json_object"} or {"type": "text"}.
void TakeResponseFormat(const json::value& format, const std::string& field,
                        ModelSettings* settings, const NotCarriedSink& sink);

// "openai/gpt-4o" of "gpt-4o": the provider whose models have such names; the
// name as it is when it has one, or nobody knows it.
std::string QualifiedModel(std::string_view model);

// The value for a report; of what may be a secret only that it is there.
std::string ShowValue(std::string_view key, const json::value& value);

}  // namespace colophon
