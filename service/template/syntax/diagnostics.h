#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "colophon/v1/registry.pb.h"

namespace colophon::syntax {

// A place in a file. Lines from 1, columns in code points from 1; 0: the whole
// file, the whole line.
struct Position {
  int32_t line = 0;
  int32_t column = 0;
};

// Takes what the check of one file finds, up to some hundreds.
class DiagnosticSink {
 public:
  DiagnosticSink(std::string_view path, std::vector<v1::Diagnostic>* diagnostics)
      : path_(path), diagnostics_(diagnostics) {}

  // `code` is stable, "UNKNOWN_HELPER"; `message` says the fact, the value and
  // what to do.
  void Error(Position position, std::string_view code, std::string_view message);
  void Warning(Position position, std::string_view code, std::string_view message);

  // Of this file, since this sink was made.
  bool has_errors() const { return has_errors_; }
  const std::string& path() const { return path_; }

 private:
  void Add(v1::Diagnostic::Severity severity, Position position, std::string_view code,
           std::string_view message);

  const std::string path_;
  std::vector<v1::Diagnostic>* const diagnostics_;
  bool has_errors_ = false;
};

// "support/triage.prompt:3:7: error: unknown helper \"foo\" (UNKNOWN_HELPER)"
std::string FormatDiagnostic(const v1::Diagnostic& diagnostic);
// INVALID_ARGUMENT BAD_FILE, with one such line a diagnostic. Its details have
// v1.Diagnostics, the first that fit.
absl::Status DiagnosticsToStatus(const std::vector<v1::Diagnostic>& diagnostics);

// What a library says of an error, in UTF-8: yaml-cpp quotes single bytes of a
// character.
std::string MessageOfLibrary(std::string_view message);

// `text` in quotes, cut after 60 characters: values in messages.
std::string Quote(std::string_view text);

// Where byte `offset` of `text` is, when `text` begins at `start`. "\n", "\r\n"
// and "\r" end a line.
Position PositionAt(std::string_view text, size_t offset, Position start = {1, 1});

}  // namespace colophon::syntax

// Whatever reads a file tells of it so.
namespace colophon {
using syntax::DiagnosticSink;
using syntax::DiagnosticsToStatus;
using syntax::FormatDiagnostic;
using syntax::Position;
using syntax::Quote;
}  // namespace colophon
