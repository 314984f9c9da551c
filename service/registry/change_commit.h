#pragma once

#include <string>
#include <vector>

#include "service/base/status.h"
#include "service/registry/change_base.h"
#include "service/registry/change_proposal.h"
#include "service/registry/changed_files.h"

namespace colophon {

// The commit of a change.
struct ChangeCommit {
  ObjectId id;  // Zero: the change alters nothing.
  ObjectId root;
  std::string description;
};

// Writes the trees and the commit, or takes the one that was given; the objects are in
// `files`. INVALID_ARGUMENT PATH_CONFLICT, CASE_TWINS.
absl::StatusOr<ChangeCommit> CommitFiles(const ChangeProposal& proposal, const ChangeBase& base,
                                         const std::vector<v1::LabelMove>& moves,
                                         ChangedFiles* files);

}  // namespace colophon
