// Plain text: a file is one message of the user, byte for byte. With a style of
// variables what is marked so becomes a variable.

#include <utility>

#include "client/cli/import/import_common.h"
#include "client/cli/import/importers.h"
#include "client/cli/import/names.h"
#include "client/cli/import/prompt_text.h"
#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// "support/triage.txt" → "support/triage"
std::string WithoutExtension(const std::string& path) {
  const size_t slash = path.rfind('/');
  const size_t dot = path.rfind('.');
  const bool has_extension = dot != path.npos && dot > (slash == path.npos ? 0 : slash + 1);
  return has_extension ? path.substr(0, dot) : path;
}

absl::Status ImportFile(const LocalFile& file, const std::string& name,
                        ImportCollector* collector) {
  if (!IsUtf8(file.content)) {
    return InvalidArgument("BAD_IMPORT",
                           fmt::format("{}: it is not UTF-8: save it as UTF-8", file.path));
  }
  std::string_view text = file.content;
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
    collector->NotCarriedOver(name, "", "byte order mark", "it is left out: it is no text");
  }
  TemplateWriter body;
  const auto unknown = [&](const std::string& mark) {
    collector->NotCarriedOver(name, "", "text",
                              fmt::format("{} is kept as text: it names no variable", Quote(mark)));
  };
  switch (collector->options().variables) {
    case VariableStyle::kNone:
      body.Text(text);
      break;
    case VariableStyle::kDouble:
      AddMarkedText(text, MarkRule::kInnermost, &body, unknown);
      break;
    case VariableStyle::kSingle:
      AddFormatText(text, &body, unknown);
      break;
  }
  json::object matter;
  if (!body.variables().empty()) {
    matter["input"] = {{"schema", SchemaOfVariables(body.variables())}};
  }
  ImportedPrompt prompt;
  prompt.source = name;
  ASSIGN_OR_RETURN(prompt.path, PromptPathOf(name, collector->options()));
  ImportedVersion& version = prompt.versions.emplace_back();
  version.files.push_back({prompt.path + ".prompt", PromptText(matter, body)});
  collector->Add(std::move(prompt));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImportResult> ImportText(const std::vector<LocalFile>& files,
                                        const ImportOptions& options) {
  ImportCollector collector("text", options);
  for (const LocalFile& file : files) {
    const std::string name = WithoutExtension(file.path);
    if (const absl::Status status = ImportFile(file, name, &collector); !status.ok()) {
      collector.Fail(name, "", MessageOf(status));
    }
  }
  return collector.Finish();
}

}  // namespace colophon
