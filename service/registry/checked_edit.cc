#include "service/registry/checked_edit.h"

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

v1::Diagnostic FileError(const std::string& path, const char* code, const std::string& message) {
  v1::Diagnostic diagnostic;
  diagnostic.set_path(path);
  diagnostic.set_severity(v1::Diagnostic::SEVERITY_ERROR);
  diagnostic.set_code(code);
  diagnostic.set_message(message);
  return diagnostic;
}

// What a name demands of its file's place.
absl::Status CheckPlace(const std::string& path) {
  RETURN_IF_ERROR(CheckFilePath(path));
  std::string prompt;
  switch (KindOfFile(path)) {
    case FileKind::kPrompt:
      prompt = PromptOfPath(path);
      break;
    case FileKind::kLabels:
      prompt = PromptOfLabelsPath(path);
      break;
    default:
      return absl::OkStatus();
  }
  absl::Status status = CheckPromptPath(prompt);
  if (status.ok()) return status;
  return InvalidArgument("BAD_PATH",
                         fmt::format("bad path {}: {}", Quoted(path), MessageOf(status)));
}

void CheckContent(const std::string& content, CheckedEdit* edit,
                  std::vector<v1::Diagnostic>* diagnostics) {
  if (!IsUtf8(content)) {
    diagnostics->push_back(
        FileError(edit->path, "NOT_UTF8", "the file is not UTF-8; save it as UTF-8"));
    return;
  }
  const FileKind kind = KindOfFile(edit->path);
  if (kind == FileKind::kLabels) {
    if (auto labels = prompt::ParseLabelsFile(edit->path, content, diagnostics)) {
      edit->labels = *std::move(labels);
    }
  } else if (kind == FileKind::kSchema || kind == FileKind::kTool) {
    const auto parsed = ParseJson(content);
    if (!parsed.ok()) {
      diagnostics->push_back(FileError(edit->path, "BAD_JSON", MessageOf(parsed.status())));
    }
  }
}

}  // namespace

absl::Status CheckEdit(CheckedEdit* edit, std::vector<v1::Diagnostic>* diagnostics) {
  RETURN_IF_ERROR(CheckPlace(edit->path));
  if (edit->blob != nullptr && edit->blob->data.size() > kMaxFileBytes) {
    return InvalidArgument("FILE_TOO_LARGE",
                           fmt::format("{} has {} bytes; a file has at most {}", Quoted(edit->path),
                                       edit->blob->data.size(), kMaxFileBytes));
  }
  if (!edit->file.exists() || KindOfFile(edit->path) == FileKind::kOther) return absl::OkStatus();
  RETURN_IF_ERROR(CheckIsOrdinaryFile(edit->path, edit->file.mode));
  CheckContent(edit->blob->data, edit, diagnostics);
  return absl::OkStatus();
}

}  // namespace colophon
