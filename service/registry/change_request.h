#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "colophon/v1/registry.pb.h"
#include "service/base/permissions.h"
#include "service/base/status.h"
#include "service/base/stop_flag.h"
#include "service/registry/change_proposal.h"
#include "service/registry/pushed_commits.h"

namespace colophon {

inline constexpr int kMaxEdits = 1'000;
inline constexpr int kMaxLabelMoves = 1'000;
inline constexpr size_t kMaxChangeBytes = 64 << 20;
inline constexpr size_t kMaxDescriptionBytes = 4'096;
inline constexpr size_t kMaxRequestIdBytes = 64;

// Something that changes a repository, checked as far as that is possible without
// looking into it. Its source is edits (Publish, UpdateLabel and DeleteLabel are
// these), commits that were pushed, or a draft that is dropped.
struct ChangeRequest {
  enum class Kind { kPublish, kUpdateLabel, kDeleteLabel, kPush, kDeleteDraft };

  Kind kind = Kind::kPublish;
  std::string repository;
  std::string caller;
  std::variant<ChangeProposal, PushedCommits, DraftDeletion> source;
  std::string request_id;
  std::string request_digest;  // Empty without a request id.
  bool validate_only = false;
  // As in Call.
  const StopFlag* stop = nullptr;
  std::shared_ptr<const Permissions> permissions;

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
absl::StatusOr<ChangeRequest> CheckRequest(const v1::DeleteDraftRequest& request,
                                           const std::string& caller);

// INVALID_ARGUMENT BAD_DESCRIPTION: empty or blank, too long, not text.
absl::Status CheckDescription(std::string_view description);

// INVALID_ARGUMENT BAD_OBJECT when an object isn't what its id says, PUSH_TOO_LARGE.
absl::StatusOr<ChangeRequest> CheckRequest(PushedCommits commits, const std::string& caller);

}  // namespace colophon
