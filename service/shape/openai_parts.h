#pragma once

// What OpenAI's two APIs have in common: parts of messages, tools and schemas.

#include <string_view>

#include "colophon/v1/completion.pb.h"
#include "service/shape/fields.h"

namespace colophon::shape {

// Content is a text or a list of parts: text, images, sound and files, by the names of
// Chat Completions (`image_url`) or of Responses (`input_image`).
absl::Status ReadContent(const json::value& content, const std::string& path, v1::Message* message);
// Text alone, of a tool's answer.
absl::StatusOr<std::string> ReadTextContent(const json::value& content, const std::string& path);

// The members of a function that a model may ask for.
absl::Status ReadFunction(Fields function, v1::Overrides* overrides);
// `json_schema` and what stands beside it: name, schema, strict, description.
absl::Status ReadOutputSchema(Fields* format, v1::Overrides* overrides);

}  // namespace colophon::shape
