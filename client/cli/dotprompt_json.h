#pragma once

// The JSON of Dotprompt's reference runtime, the npm package `dotprompt`: what
// its `render(source, data, options)` takes and gives, as JSON.stringify writes
// it.
//
//   data     = { "input": {variables}, "docs": [any…], "messages": [message…],
//                "context": {what templates read as @name} }, each optional;
//              or, with none of these members, {variables}
//   rendered = { "ext": {namespace: {key: any}}, "metadata": object,
//                "config": object, "model": text, … front matter's own keys …,
//                "input": { "default": object, "schema": JSON Schema },
//                "output": { "format": text, "schema": JSON Schema },
//                "tools": [the name of a tool that no file defines…],
//                "toolDefs": [{ "name", "description", "inputSchema" }…],
//                "raw": front matter as it is written,
//                "messages": [message…] }
//   message  = { "role": "system" | "user" | "model" | "tool",
//                "content": [part…], "metadata": object? }
//   part     = { "text": text }
//            | { "media": { "url": text, "contentType": text? } }
//            | { "metadata": { "purpose": text, "pending": true } }   a section
//            | { "toolRequest": { "name": text, "input": any, "ref": text? } }
//            | { "toolResponse": { "name": text, "output": any, "ref": text? } }
//            | { "data": object }
//
// Messages of the data come out as they went in. Where {{history}} stands they
// get "metadata": { …, "purpose": "history" }, and elsewhere nothing.
// `rendered` is the reference's `renderMetadata(source, options)` and the
// messages. (Its `render` is the same without `input`, and takes from the
// options nothing but `input.default`.)

#include <optional>
#include <string_view>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "colophon/v1/completion.pb.h"
#include "service/template/prompt/closure.h"
#include "service/template/render/renderer.h"

namespace colophon {

struct DataArgument {
  boost::json::object input;
  // Absent is not the same as empty to templates.
  std::optional<boost::json::array> docs;
  std::optional<boost::json::array> messages;
  boost::json::object context;
};

// INVALID_ARGUMENT BAD_DATA says which member isn't as it has to be; `what` is
// what the text is called.
absl::StatusOr<DataArgument> ParseDataArgument(std::string_view json, std::string_view what);

// A message of the data as the API has it. A part that the API has no word for
// is its JSON, as text.
absl::StatusOr<v1::Message> MessageFromDotprompt(const boost::json::value& message);
// The other way.
boost::json::object MessageToDotprompt(const v1::Message& message);

// What Render takes. Templates also read the documents and messages, as
// @metadata.docs and @metadata.messages.
absl::StatusOr<render::Input> InputFromDotprompt(const prompt::Closure& closure,
                                                 const DataArgument& data);

// `rendered`, from what RenderMessages made of `data`.
boost::json::object RenderedToDotprompt(const prompt::Closure& closure, const DataArgument& data,
                                        const render::RenderedMessages& rendered);

// As JavaScript holds it: of an object's members those whose keys are array
// indexes come first, by number; a number is a double.
boost::json::value AsInJavaScript(const boost::json::value& value);

}  // namespace colophon
