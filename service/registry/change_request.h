#pragma once

#include <optional>
#include <string>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"
#include "service/base/stop_flag.h"
#include "service/git/objects.h"
#include "service/template/labels_file.h"

namespace colophon {

inline constexpr int kMaxEdits = 1'000;
inline constexpr int kMaxLabelMoves = 1'000;
inline constexpr size_t kMaxFileBytes = 1 << 20;
inline constexpr size_t kMaxChangeBytes = 64 << 20;
inline constexpr size_t kMaxDescriptionBytes = 4'096;
inline constexpr size_t kMaxRequestIdBytes = 64;

// One file of a change, its bytes already a git blob.
struct CheckedEdit {
  std::string path;
  SharedObject blob;  // Null: delete the file.
  LabelMap labels;    // What a labels file says.
};

// A change that somebody asks for, checked as far as that is possible without
// looking into the repository. Publish, UpdateLabel and DeleteLabel are this.
struct ChangeRequest {
  enum class Kind { kPublish, kUpdateLabel, kDeleteLabel };

  Kind kind = Kind::kPublish;
  std::string repository;
  std::vector<CheckedEdit> edits;          // Sorted by path.
  std::vector<v1::LabelMove> label_moves;  // Targets are normal.
  // What the label of a kUpdateLabel or kDeleteLabel must point to.
  std::optional<v1::LabelTargets> expected;
  std::string description;  // Empty: written when the change is known.
  std::string author;
  std::string caller;
  std::string branch;
  int64_t base_sequence = 0;
  std::string request_id;
  std::string request_digest;  // Empty without a request id.
  bool validate_only = false;
  const StopFlag* stop = nullptr;  // As in ChangeContext.

  // CANCELLED ABANDONED when it is stopped.
  absl::Status CheckWanted() const;
  // Of the files, about what the request takes in memory while it waits.
  size_t bytes() const;
};

// `caller` is the author when the request names none.
absl::StatusOr<ChangeRequest> CheckRequest(v1::PublishRequest request, const std::string& caller);
absl::StatusOr<ChangeRequest> CheckRequest(const v1::UpdateLabelRequest& request,
                                           const std::string& caller);
absl::StatusOr<ChangeRequest> CheckRequest(const v1::DeleteLabelRequest& request,
                                           const std::string& caller);

// Sorted by path and line, each once; the first 20 errors, for a status has to
// fit into a header.
absl::Status RefuseFiles(std::vector<v1::Diagnostic> diagnostics);
void SortDiagnostics(std::vector<v1::Diagnostic>* diagnostics);

}  // namespace colophon
