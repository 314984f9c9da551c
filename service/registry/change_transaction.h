#pragma once

#include <vector>

#include "service/registry/built_change.h"
#include "service/registry/change_base.h"
#include "service/registry/change_commit.h"
#include "service/registry/change_proposal.h"
#include "service/registry/changed_files.h"
#include "service/registry/new_versions.h"
#include "service/registry/prompt_check.h"
#include "service/registry/workspace.h"

namespace colophon {

// What the steps of one change made, in their order.
struct ChangeSteps {
  const ChangeBase& base;
  ChangedFiles& files;
  const CheckedPrompts& prompts;
  const NewVersions& versions;
  const std::vector<v1::LabelMove>& label_moves;
  const ChangeCommit& commit;
};

// What is stored, served and told of a change. `is_kept` is false when it is only asked
// what would happen.
BuiltChange MakeTransaction(const Workspace& workspace, const ChangeProposal& proposal,
                            const ChangeSteps& steps, bool is_kept);

// NOT_FOUND BRANCH_NOT_FOUND; ABORTED DRAFT_MOVED when it doesn't stand where it must.
absl::StatusOr<BuiltChange> MakeDraftDeletion(const Workspace& workspace,
                                              const DraftDeletion& deletion);

}  // namespace colophon
