#pragma once

// A prompt and every file that its meaning depends on.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "service/template/prompt_file.h"

namespace colophon {

struct PromptPlan;

struct ClosureFile {
  std::string path;
  std::string content;
  std::string sha256;  // 64 hex digits.
};

// Immutable, so it may be shared by threads.
struct Closure {
  std::string path;                // Of the prompt's own file.
  std::vector<ClosureFile> files;  // Sorted by path; the prompt's own among them.
  // SHA-256, 64 hex digits, of one line a file, sorted by path:
  //   line = sha256 "  " path "\n"
  // which is what `sha256sum FILE...` prints.
  std::string digest;
  // Every name looked up, found or not, sorted: "partial:tone",
  // "schema:ticket", "tool:get_order".
  std::vector<std::string> names;

  std::shared_ptr<const PromptFile> prompt;
  // Every partial by the name it is included with: the nearest `_NAME.prompt`,
  // from the prompt's own folder towards the root.
  std::map<std::string, std::shared_ptr<const PromptFile>> partials;
  // Schema and tool files by name, their JSON text.
  std::map<std::string, std::string> schemas;
  std::map<std::string, v1::Tool> tools;

  // What every rendering of it has in common. LoadClosure makes it; a closure
  // put together by hand may leave it null, and renders more slowly.
  std::shared_ptr<const PromptPlan> plan;
};

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

// The digest of files that are sorted by path.
std::string ClosureDigest(const std::vector<ClosureFile>& files);

// INVALID_ARGUMENT BAD_FILE, with one line a diagnostic:
// "support/triage.prompt:3:7: error: unknown helper \"foo\" (UNKNOWN_HELPER)". Its
// details have v1.Diagnostics, the first that fit.
absl::Status DiagnosticsToStatus(const std::vector<v1::Diagnostic>& diagnostics);
std::string FormatDiagnostic(const v1::Diagnostic& diagnostic);

}  // namespace colophon
