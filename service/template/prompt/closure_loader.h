#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/template/prompt/closure.h"

namespace colophon::prompt {

// The content of a file of the tree, or nullopt when there is none.
using ReadFile = std::function<absl::StatusOr<std::optional<std::string>>(const std::string& path)>;

// Loads the prompt at `path` ("support/triage.prompt") and all that it names.
// A name NAME is looked for beside the prompt, then in each folder towards the
// root: `_NAME.prompt` for a partial, `NAME.schema.json`, `NAME.tool.json`; a
// tool also as `tools/NAME.tool.json` in each folder. A name with slashes is a
// path relative to those folders. A missing partial or an include cycle is an
// error; a schema or tool that no file defines is a warning. Problems go to
// `diagnostics`; null when one of them is an error. A status is only what
// `read` returned. `added`, unless null, is laid over the prompt's front matter;
// the digest doesn't know of it.
absl::StatusOr<std::shared_ptr<const Closure>> LoadClosure(std::string_view path,
                                                           const ReadFile& read,
                                                           std::vector<v1::Diagnostic>* diagnostics,
                                                           const FrontMatter* added = nullptr);

}  // namespace colophon::prompt
