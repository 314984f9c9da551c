#pragma once

#include <vector>

#include "service/base/status.h"
#include "service/registry/change_proposal.h"
#include "service/registry/change_request.h"
#include "service/registry/pushed_commits.h"
#include "service/registry/workspace.h"
#include "service/store/store.h"

namespace colophon {

// The changes that pushed commits ask for, the oldest first: the commits from main's
// head to the tip, along first parents. What a merge brings comes with it. None when
// main is at the tip already.
//
// Of a draft it is one proposal: the tip, with the edits since it left what is known here.
//
// ABORTED NOT_FAST_FORWARD, with the current `sequence`, when main's head isn't among the
// tip's first parents; INVALID_ARGUMENT BAD_OBJECT, TOO_MANY_COMMITS, BAD_AUTHOR,
// BAD_DESCRIPTION, BAD_FILE and those of CheckEdit. CANCELLED when nobody waits.
absl::StatusOr<std::vector<ChangeProposal>> ProposeCommits(Store* store, Workspace& workspace,
                                                           const ChangeRequest& request,
                                                           const PushedCommits& pushed);

}  // namespace colophon
