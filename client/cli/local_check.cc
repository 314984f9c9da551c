#include "client/cli/local_check.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "client/cli/local_prompt.h"
#include "client/cli/tree.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/reference.h"
#include "service/template/lint/lint.h"
#include "service/template/prompt/labels_file.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

enum class Kind { kPrompt, kPartial, kJson, kLabels, kOther };

Kind KindOf(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name.ends_with(".prompt")) return name.front() == '_' ? Kind::kPartial : Kind::kPrompt;
  if (name.ends_with(".schema.json") || name.ends_with(".tool.json")) return Kind::kJson;
  return name.ends_with(".labels.yaml") ? Kind::kLabels : Kind::kOther;
}

// For people and editors: where the file is from here.
std::string Shown(const fs::path& file) {
  std::error_code error;
  const fs::path here = fs::weakly_canonical(fs::current_path(error), error);
  const std::string relative = file.lexically_relative(here).generic_string();
  return relative.empty() || relative.rfind("..", 0) == 0 ? file.string() : relative;
}

void CheckJson(std::string_view text, DiagnosticSink* sink) {
  const absl::StatusOr<json::value> value = ParseJson(text);
  if (!value.ok()) sink->Error({}, "BAD_JSON", MessageOf(value.status()));
}

// Below `root`, which it isn't always: then its own name.
std::string NameBelow(const fs::path& file, const fs::path& root) {
  std::error_code error;
  const std::string name =
      file.lexically_relative(fs::weakly_canonical(root, error)).generic_string();
  return name.empty() || name == "." || name.rfind("..", 0) == 0 ? file.filename().string() : name;
}

auto KeyOf(const v1::Diagnostic& diagnostic) {
  return std::tuple(std::string_view(diagnostic.path()), diagnostic.line(), diagnostic.column(),
                    std::string_view(diagnostic.code()), std::string_view(diagnostic.message()));
}

}  // namespace

absl::Status LocalCheck::Add(const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<FoundFile> files, FindFiles(path));
  for (const FoundFile& found : files) {
    const fs::path& file = found.path;
    if (KindOf(file) == Kind::kOther) {
      return InvalidArgument("NO_FILES", fmt::format("\"{}\" is no .prompt, .labels.yaml, "
                                                     ".schema.json or .tool.json file",
                                                     path));
    }
    std::error_code error;
    const fs::path root = !root_.empty()                  ? fs::path(root_)
                          : fs::is_directory(path, error) ? fs::path(path)
                                                          : file.parent_path();
    files_.emplace(file.string(), File{found, NameBelow(file, root)});
  }
  return absl::OkStatus();
}

absl::Status LocalCheck::Run() {
  for (const auto& [path, file] : files_) {
    CheckName(file);
    if (KindOf(path) == Kind::kPrompt) RETURN_IF_ERROR(CheckPrompt(file.found));
  }
  for (const auto& [path, file] : files_) {
    if (seen_.count(path) == 0) RETURN_IF_ERROR(CheckAlone(file.found));
  }
  Sort();
  return absl::OkStatus();
}

void LocalCheck::CheckName(const File& file) {
  const std::string prompt = PromptOfFile(file.name);
  absl::Status status = CheckFilePath(file.name);
  if (status.ok() && !prompt.empty()) status = CheckPromptPath(prompt);
  if (status.ok()) return;
  v1::Diagnostic diagnostic;
  diagnostic.set_severity(v1::Diagnostic::SEVERITY_ERROR);
  diagnostic.set_path(Shown(file.found.path));
  diagnostic.set_code("BAD_PATH");
  diagnostic.set_message(MessageOf(status));
  diagnostics_.push_back(std::move(diagnostic));
}

absl::Status LocalCheck::CheckPrompt(const FoundFile& file) {
  ++prompts_;
  seen_.insert(file.path.string());
  ASSIGN_OR_RETURN(const LocalPath path, FindLocalPath(file, root_));
  std::vector<v1::Diagnostic> found;
  ASSIGN_OR_RETURN(const auto closure, LoadLocal(path, &found));
  if (closure != nullptr) {
    lint::Lint(*closure, &found);
    for (const prompt::ClosureFile& part : closure->files)
      seen_.insert((path.root / part.path).string());
  }
  Take(path.root, std::move(found));
  return absl::OkStatus();
}

absl::Status LocalCheck::CheckAlone(const FoundFile& file) {
  ASSIGN_OR_RETURN(const LocalPath path, FindLocalPath(file, root_));
  ASSIGN_OR_RETURN(const std::string text, ReadFound(file));
  std::vector<v1::Diagnostic> found;
  DiagnosticSink sink(path.path, &found);
  if (KindOf(file.path) == Kind::kPartial) {
    const auto partial = prompt::PromptFile::Parse(path.path, text, &found);
    if (partial != nullptr) lint::LintPartial(*partial, text, &found);
  } else if (!IsUtf8(text)) {
    sink.Error({}, "NOT_UTF8", "the file is not UTF-8; save it as UTF-8");
  } else {
    if (KindOf(file.path) == Kind::kJson) CheckJson(text, &sink);
    if (KindOf(file.path) == Kind::kLabels) prompt::ParseLabelsFile(path.path, text, &found);
    lint::LintFile(path.path, text, &found);
  }
  Take(path.root, std::move(found));
  return absl::OkStatus();
}

void LocalCheck::Take(const fs::path& root, std::vector<v1::Diagnostic> found) {
  for (v1::Diagnostic& diagnostic : found) {
    diagnostic.set_path(Shown(root / diagnostic.path()));
    diagnostics_.push_back(std::move(diagnostic));
  }
}

// Prompts that share a partial find the same in it.
void LocalCheck::Sort() {
  std::sort(diagnostics_.begin(), diagnostics_.end(),
            [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); });
  diagnostics_.erase(std::unique(diagnostics_.begin(), diagnostics_.end(),
                                 [](const auto& a, const auto& b) { return KeyOf(a) == KeyOf(b); }),
                     diagnostics_.end());
}

int LocalCheck::CountOf(v1::Diagnostic::Severity severity) const {
  return static_cast<int>(
      std::count_if(diagnostics_.begin(), diagnostics_.end(),
                    [&](const auto& diagnostic) { return diagnostic.severity() == severity; }));
}

}  // namespace colophon
