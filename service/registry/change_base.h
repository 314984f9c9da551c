#pragma once

#include "absl/time/time.h"
#include "service/base/status.h"
#include "service/registry/change_proposal.h"
#include "service/registry/workspace.h"

namespace colophon {

// What a change stands on: the head of main, or of the draft that it goes on with.
struct ChangeBase {
  ObjectId commit;  // Zero: none.
  ObjectId root;
  bool begins_draft = false;  // The draft begins at main.
  ObjectId draft;             // Where it stood; zero: it doesn't exist yet.
  absl::Time time;            // When the change is made.
};

// ABORTED DRAFT_MOVED when a draft isn't where it must be; STALE_BASE, with the current
// `sequence`, when another change touched the same since the edits were made; OUT_OF_RANGE
// BEYOND_SEQUENCE.
absl::StatusOr<ChangeBase> FindBase(Workspace& workspace, const ChangeProposal& proposal,
                                    absl::Time now);

}  // namespace colophon
