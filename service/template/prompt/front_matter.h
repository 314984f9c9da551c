#pragma once

// The front matter of a `.prompt` file: where it begins and ends, and what its
// keys may hold.

#include <optional>
#include <string_view>

#include "service/template/prompt/prompt_file.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/yaml.h"

namespace colophon {

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

// Reads all keys; every problem is reported. Keys that nobody knows are a
// warning, in the namespace `colophon` an error.
FrontMatter CheckFrontMatter(YamlDocument document, DiagnosticSink* sink);

// Lays what a caller gives beside the file over its front matter, as the
// reference merges metadata: each key takes the place of the file's, whole; only
// the members of `config` are taken one by one. `colophon.*` isn't taken.
void AddFrontMatter(const FrontMatter& added, FrontMatter* matter);

}  // namespace colophon
