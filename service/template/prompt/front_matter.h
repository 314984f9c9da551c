#pragma once

// The front matter of a `.prompt` file: what its keys hold, and where it begins and
// ends.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "boost/json/value.hpp"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/yaml.h"

namespace colophon::prompt {

// The front matter, checked.
struct FrontMatter {
  std::string model;  // "openai/gpt-4o-mini"; empty: none named.
  boost::json::object config;
  boost::json::object input_default;  // input.default
  // input.schema and output.schema as written: Picoschema or JSON Schema, or a
  // string that names a schema. null: none.
  boost::json::value input_schema;
  boost::json::value output_schema;
  std::string output_format;       // "json", "text" or empty.
  std::vector<std::string> tools;  // Names, in order.
  // toolDefs: tools defined in the file itself.
  boost::json::array tool_definitions;
  std::string description;
  std::string variant;

  // Our own keys, `colophon.*`.
  std::optional<absl::Duration> timeout;  // colophon.timeout: 30s
  std::vector<std::string> fallbacks;     // colophon.fallbacks: [openai/gpt-4o]
  int retries = 0;                        // colophon.retries: 0 to 5
  // colophon.overrides: [model, temperature]; what a call may change.
  std::vector<std::string> overrides;

  // All of it in the order it was written, for differences.
  boost::json::object raw;
  // Where the members of `raw` stand, by JSON pointer; empty without front
  // matter.
  syntax::YamlPositions positions;
  // What was laid over it, by AddFrontMatter.
  boost::json::object added;
};

struct SplitFile {
  std::optional<std::string_view> yaml;  // nullopt: no front matter.
  int yaml_line = 0;
  // Trimmed when there is front matter, else as it is.
  std::string_view body;
  Position body_start;
};

// Front matter begins with a line "---", after lines that begin with "#" and
// blank ones (a licence), and ends with the next line "---". A file whose first
// such line is "---" and that has no second one, or nothing between them, is
// refused with BAD_FRONT_MATTER; the reference sends such a file to the model
// as it is.
std::optional<SplitFile> SplitFrontMatter(std::string_view text, DiagnosticSink* sink);

// Lays what a caller gives beside the file over its front matter, as the
// reference merges metadata: each key takes the place of the file's, whole; only
// the members of `config` are taken one by one. `colophon.*` isn't taken.
void AddFrontMatter(const FrontMatter& added, FrontMatter* matter);

}  // namespace colophon::prompt
