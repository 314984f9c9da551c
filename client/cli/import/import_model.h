#pragma once

// What an importer makes of another store's prompts.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/cli/tree.h"

namespace colophon {

// One version of a prompt, converted.
struct ImportedVersion {
  // As the store numbers it, "3"; empty where there are no versions.
  std::string source;
  // The prompt's own file first, then the partials it includes.
  std::vector<LocalFile> files;
  // Who wrote it, when and why, in lines; empty when nothing says it.
  std::string details;
  std::optional<absl::Time> time;
  // Those that point here, in our grammar.
  std::vector<std::string> labels;
};

struct ImportedPrompt {
  std::string source;                     // The store's name of it.
  std::string path;                       // Ours: "support/triage".
  std::vector<ImportedVersion> versions;  // In the store's order, oldest first.
};

// Something that has no place here.
struct NotCarried {
  std::string prompt;   // The store's name.
  std::string version;  // The store's; empty: of all.
  std::string field;    // "config.evaluator", "tools[2]"
  std::string reason;   // The value, and what became of it.
};

// A prompt that couldn't be converted. It is left out whole: some of its
// versions without the others would be another history.
struct ImportFailure {
  std::string prompt;
  std::string version;
  std::string reason;
};

struct ImportResult {
  std::string store;  // "Langfuse"
  std::vector<ImportedPrompt> prompts;
  std::vector<NotCarried> not_carried;
  std::vector<ImportFailure> failures;
};

// How text marks its variables, where the source doesn't say it.
enum class VariableStyle {
  kNone,    // All of it is text.
  kDouble,  // {{name}}
  kSingle,  // {name}, and {{ and }} are braces, as in Python
};

struct ImportOptions {
  std::map<std::string, std::string> renames;  // The store's name → ours.
  std::string prefix;                          // Folder to put all of them in.
  VariableStyle variables = VariableStyle::kNone;
};

}  // namespace colophon
