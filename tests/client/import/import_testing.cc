#include "tests/client/import/import_testing.h"

#include "fmt/format.h"
#include "service/template/prompt/closure.h"
#include "service/template/prompt/closure_loader.h"
#include "service/template/render/renderer.h"

namespace colophon {
namespace {

absl::StatusOr<std::shared_ptr<const prompt::Closure>> Load(const ImportedVersion& version) {
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(auto closure,
                   prompt::LoadClosure(
                       version.files.at(0).path,
                       [&](const std::string& path) -> absl::StatusOr<std::optional<std::string>> {
                         for (const LocalFile& file : version.files) {
                           if (file.path == path) return std::optional<std::string>(file.content);
                         }
                         return std::optional<std::string>();
                       },
                       &diagnostics));
  if (closure == nullptr) return DiagnosticsToStatus(diagnostics);
  return closure;
}

v1::Message HistoryMessage(v1::Role role, const char* text) {
  v1::Message message;
  message.set_role(role);
  message.add_parts()->set_text(text);
  return message;
}

}  // namespace

std::vector<std::string> RenderVersion(const ImportedVersion& version,
                                       const json::object& variables, bool with_history) {
  const auto closure = Load(version);
  if (!closure.ok()) return {"error: " + MessageOf(closure.status())};
  render::Input input;
  input.variables = variables;
  if (with_history) {
    *input.history.Add() = HistoryMessage(v1::ROLE_MODEL, "H1");
    *input.history.Add() = HistoryMessage(v1::ROLE_USER, "H2");
  }
  const auto rendered = render::Render(**closure, input);
  if (!rendered.ok()) return {"error: " + MessageOf(rendered.status())};
  std::vector<std::string> messages;
  for (const v1::Message& message : rendered->messages()) {
    std::string text;
    for (const v1::Part& part : message.parts()) {
      text += part.has_media() ? "<" + part.media().url() + ">" : part.text();
    }
    const char* role = message.role() == v1::ROLE_SYSTEM ? "system"
                       : message.role() == v1::ROLE_USER ? "user"
                                                         : "model";
    messages.push_back(fmt::format("{}|{}", role, text));
  }
  return messages;
}

json::object FrontMatterOf(const ImportedVersion& version) {
  const auto closure = Load(version);
  if (!closure.ok()) return {{"error", MessageOf(closure.status())}};
  return (*closure)->prompt->front_matter().raw;
}

std::vector<std::string> NotCarriedOf(const ImportResult& result) {
  std::vector<std::string> lines;
  for (const NotCarried& what : result.not_carried) {
    lines.push_back(
        fmt::format("{}@{} {}: {}", what.prompt, what.version, what.field, what.reason));
  }
  return lines;
}

std::vector<std::string> FailuresOf(const ImportResult& result) {
  std::vector<std::string> lines;
  for (const ImportFailure& failure : result.failures) {
    lines.push_back(fmt::format("{}@{}: {}", failure.prompt, failure.version, failure.reason));
  }
  return lines;
}

}  // namespace colophon
