#pragma once

// What the requests of all model APIs have in common.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "google/protobuf/struct.pb.h"
#include "service/base/json.h"
#include "service/base/status.h"

namespace colophon {

// INVALID_ARGUMENT UNSUPPORTED: `where` ("messages[1].parts[0]") and why.
absl::Status Unsupported(std::string_view where, std::string_view why);

// "topP" → "top_p"; what is in snake case already stays.
std::string SnakeCase(std::string_view name);

struct ConfigRules {
  // Front matter's names and the API's, where SnakeCase doesn't say it.
  std::vector<std::pair<std::string_view, std::string_view>> renamed;
  // The API's names that the config may not set, because the prompt's other
  // parts or the service do, or because the API has no such parameter.
  std::vector<std::pair<std::string_view, std::string_view>> refused;
};

// Adds the model parameters to `body`, sorted by their names in the front
// matter. Unknown ones go through, so that those of a compatible server can be
// used.
absl::Status AddConfig(const google::protobuf::Struct& config, const ConfigRules& rules,
                       json::object* body);

// A JSON text of the prompt (a schema, a tool's arguments) that must be an
// object; empty text is {}.
absl::StatusOr<json::object> ObjectOfText(const std::string& text, std::string_view where);

std::string Base64(std::string_view bytes);

}  // namespace colophon
