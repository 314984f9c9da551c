#pragma once

#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"
#include "service/registry/change_proposal.h"
#include "service/registry/changed_files.h"
#include "service/registry/new_versions.h"
#include "service/registry/workspace.h"

namespace colophon {

// What a change does to labels, by its labels files and its label moves. A move that
// isn't in a file is written into it. ABORTED LABEL_MOVED; NOT_FOUND PROMPT_NOT_FOUND,
// VERSION_NOT_FOUND, LABEL_NOT_FOUND; FAILED_PRECONDITION LABEL_NAMES_ARCHIVED,
// PROMPT_ARCHIVED, TOO_MANY_LABELS; INVALID_ARGUMENT BAD_FILE.
absl::StatusOr<std::vector<v1::LabelMove>> MoveLabels(const Workspace& workspace,
                                                      const ChangeProposal& proposal,
                                                      const NewVersions& versions,
                                                      ChangedFiles* files);

}  // namespace colophon
