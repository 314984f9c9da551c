#pragma once

// What the importers do alike.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/import/import_model.h"
#include "client/cli/import/json_node.h"
#include "client/cli/import/model_settings.h"
#include "client/cli/import/template_writer.h"

namespace colophon {

// What {{ and }} belong together.
enum class MarkRule {
  kFirst,      // The first {{ and the first }} after it, as Langfuse's SDK looks.
  kInnermost,  // Those with nothing but a name between them.
};

// Text with {{name}} in it, by kFirst also {{a name}}; what is between other braces is text.
// `{{#each x}}` and its like, which only some of a store's SDKs run, stay text too and are given to
// `unknown`, each once.
void AddMarkedText(std::string_view text, MarkRule rule, TemplateWriter* body,
                   const std::function<void(const std::string& tag)>& unknown);

// Text with {name} in it, as Python's str.format reads it.
void AddFormatText(std::string_view text, TemplateWriter* body,
                   const std::function<void(const std::string& field)>& unknown);

// "system", "user", "model" or "tool" of an API's name of a role, in any case; empty:
// none.
std::string_view OurRole(std::string_view role);

// The elements of a JSON document that is one object, a list of them, or an
// object with such a list under one of `keys`.
absl::StatusOr<std::vector<JsonNode>> ObjectsOf(const JsonNode& root,
                                                const std::vector<std::string_view>& keys);

// The files of a version are checked as publishing checks them: the first
// problem as INVALID_ARGUMENT.
absl::Status CheckFiles(const ImportedVersion& version);

// SHA-256 of the closure, as the service computes it.
absl::StatusOr<std::string> DigestOf(const ImportedVersion& version);

// Seconds since 1970 or RFC 3339.
std::optional<absl::Time> TimeOf(const json::value& value);

// Collects what one importer finds.
class ImportCollector {
 public:
  ImportCollector(std::string store, const ImportOptions& options);

  const ImportOptions& options() const { return options_; }
  void NotCarriedOver(const std::string& prompt, const std::string& version, std::string_view field,
                      std::string_view reason);
  void Fail(const std::string& prompt, const std::string& version, std::string_view reason);
  // NotCarriedOver with the first two arguments given.
  NotCarriedSink SinkFor(const std::string& prompt, const std::string& version);
  // Checks the files; a prompt of which a version failed is left out.
  void Add(ImportedPrompt prompt);

  // INVALID_ARGUMENT when two names collide.
  absl::StatusOr<ImportResult> Finish();

 private:
  const ImportOptions& options_;
  ImportResult result_;
  std::set<std::string> failed_;
};

// Hands the JSON of every file to `importer` and lets it convert them all.
template <class Importer>
auto ImportJsonFiles(const std::vector<LocalFile>& files, Importer importer)
    -> decltype(importer.Convert()) {
  std::vector<json::value> documents;
  documents.reserve(files.size());  // Nodes point into them.
  for (const LocalFile& file : files) {
    ASSIGN_OR_RETURN(json::value document, ParseJsonFile(file.path, file.content));
    documents.push_back(std::move(document));
    RETURN_IF_ERROR(importer.Read(JsonNode(file.path, documents.back())));
  }
  return importer.Convert();
}

}  // namespace colophon
