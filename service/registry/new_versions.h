#pragma once

#include <map>
#include <set>
#include <string>

#include "service/base/status.h"
#include "service/registry/change_request.h"
#include "service/registry/changed_files.h"
#include "service/registry/prompt_check.h"
#include "service/registry/workspace.h"

namespace colophon {

// The versions that a change publishes, and the prompts that it archives.
struct NewVersions {
  std::map<std::string, uint32_t> published;  // Prompt → number; 0 on a draft.
  std::set<std::string> archived;

  // The newest version of a prompt when the change is made; 0: none.
  uint32_t LatestOf(const std::string& prompt, const Workspace& workspace) const;
};

// Numbers those prompts that differ from their latest version; archives the deleted.
absl::StatusOr<NewVersions> NumberVersions(const Workspace& workspace, const ChangeRequest& request,
                                           const ChangeProposal& proposal,
                                           const CheckedPrompts& prompts, ChangedFiles* files);

}  // namespace colophon
