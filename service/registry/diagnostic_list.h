#pragma once

#include <set>
#include <string>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"
#include "service/git/tree_edit.h"

namespace colophon {

// INVALID_ARGUMENT BAD_FILE with the errors among them, sorted by path and line, each
// once; the first 20, for a status has to fit into a header.
absl::Status RefuseFiles(std::vector<v1::Diagnostic> diagnostics);

// Adds warnings to an answer, sorted, each once, as many as fit: with a page of the
// change they stay below what a client takes by default, 4 MiB.
void AddWarnings(std::vector<v1::Diagnostic> warnings, v1::PublishResponse* response);

// What is found in the files of one change. The collecting ends when there are so many
// that an author can't want more.
//
// Not thread-safe.
class DiagnosticList {
 public:
  // `edits` says which files the change writes: only their warnings are kept. They must
  // outlive the list.
  explicit DiagnosticList(const TreeEdits* edits) : edits_(*edits) {}

  // A partial's edit touches every prompt that includes it, and each finds the same in
  // it: a warning is kept once.
  void Take(std::vector<v1::Diagnostic> found);

  bool is_full() const;
  // As it is when there is an error.
  absl::Status Refuse() && { return RefuseFiles(std::move(diagnostics_)); }
  // Those of files that were edited.
  std::vector<v1::Diagnostic> Warnings() &&;

 private:
  const TreeEdits& edits_;
  std::vector<v1::Diagnostic> diagnostics_;
  std::set<std::string> warnings_;  // Those among them, serialized.
};

}  // namespace colophon
