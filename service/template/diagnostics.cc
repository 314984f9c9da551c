#include "service/template/diagnostics.h"

#include <algorithm>

#include "fmt/format.h"
#include "google/protobuf/any.pb.h"
#include "service/base/json.h"
#include "service/base/status.h"
#include "service/template/closure.h"

namespace colophon {

namespace {

// So much of them stands in the details of an error, which travel in the trailers.
constexpr size_t kMaxDetailBytes = 2048;

}  // namespace

void DiagnosticSink::Error(Position position, std::string_view code, std::string_view message) {
  has_errors_ = true;
  Add(v1::Diagnostic::SEVERITY_ERROR, position, code, message);
}

void DiagnosticSink::Warning(Position position, std::string_view code, std::string_view message) {
  Add(v1::Diagnostic::SEVERITY_WARNING, position, code, message);
}

void DiagnosticSink::Add(v1::Diagnostic::Severity severity, Position position,
                         std::string_view code, std::string_view message) {
  // So many are enough; a file with an error keeps one.
  constexpr size_t kMostWarnings = 200;
  constexpr size_t kMost = 400;
  const bool warning = severity == v1::Diagnostic::SEVERITY_WARNING;
  if (diagnostics_->size() >= (warning ? kMostWarnings : kMost)) return;
  v1::Diagnostic& diagnostic = diagnostics_->emplace_back();
  diagnostic.set_path(path_);
  diagnostic.set_line(position.line);
  diagnostic.set_column(position.column);
  diagnostic.set_severity(severity);
  diagnostic.set_code(std::string(code));
  diagnostic.set_message(std::string(message));
}

std::string MessageOfLibrary(std::string_view message) {
  std::string text(message);
  if (IsUtf8(text)) return text;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

std::string Quote(std::string_view text) {
  constexpr int kMost = 60;
  int points = 0;
  size_t end = 0;
  std::string out = "\"";
  for (; end < text.size() && points <= kMost; ++end) {
    const auto c = static_cast<unsigned char>(text[end]);
    if ((c & 0xc0) != 0x80 && ++points > kMost) break;
    // Control characters would break the line that the message is printed on.
    if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += text[end];
    }
  }
  return out + (end < text.size() ? "…\"" : "\"");
}

Position PositionAt(std::string_view text, size_t offset, Position start) {
  Position position = start;
  for (size_t i = 0; i < offset && i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))) {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

std::string FormatDiagnostic(const v1::Diagnostic& diagnostic) {
  std::string place = diagnostic.path();
  if (diagnostic.line() > 0) place += fmt::format(":{}", diagnostic.line());
  if (diagnostic.line() > 0 && diagnostic.column() > 0) {
    place += fmt::format(":{}", diagnostic.column());
  }
  return fmt::format(
      "{}: {}: {} ({})", place,
      diagnostic.severity() == v1::Diagnostic::SEVERITY_WARNING ? "warning" : "error",
      diagnostic.message(), diagnostic.code());
}

namespace {

v1::Diagnostics WhatFits(const std::vector<v1::Diagnostic>& diagnostics) {
  v1::Diagnostics fitting;
  fitting.set_count(static_cast<int32_t>(diagnostics.size()));
  size_t bytes = 0;
  for (const v1::Diagnostic& diagnostic : diagnostics) {
    bytes += diagnostic.ByteSizeLong() + 4;  // Its key and length too.
    if (bytes > kMaxDetailBytes) break;
    *fitting.add_diagnostics() = diagnostic;
  }
  return fitting;
}

}  // namespace

absl::Status DiagnosticsToStatus(const std::vector<v1::Diagnostic>& diagnostics) {
  std::string message;
  for (const v1::Diagnostic& diagnostic : diagnostics) {
    if (!message.empty()) message += '\n';
    message += FormatDiagnostic(diagnostic);
  }
  absl::Status status = InvalidArgument("BAD_FILE", message);
  google::protobuf::Any detail;
  detail.PackFrom(WhatFits(diagnostics));
  status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  return status;
}

}  // namespace colophon
