#include "service/registry/new_versions.h"

#include "service/base/reference.h"
#include "service/template/prompt/closure_loader.h"

namespace colophon {
namespace {

// Of the prompt as the change finds it; empty when it isn't there or can't be parsed.
absl::StatusOr<std::string> DigestBefore(const std::string& prompt, ChangedFiles* files) {
  const auto read = [files](const std::string& path) { return files->ReadBefore(path); };
  const std::string path = PathOfPrompt(prompt);
  ASSIGN_OR_RETURN(const bool existed, files->ExistedBefore(path));
  if (!existed) return "";
  std::vector<v1::Diagnostic> ignored;
  ASSIGN_OR_RETURN(const auto closure, prompt::LoadClosure(path, read, &ignored));
  return closure == nullptr ? "" : closure->digest;
}

}  // namespace

uint32_t NewVersions::LatestOf(const std::string& prompt, const Workspace& workspace) const {
  if (const auto found = published.find(prompt); found != published.end()) return found->second;
  const Workspace::Prompt* const known = workspace.FindPrompt(prompt);
  return known == nullptr ? 0 : known->row.latest_version;
}

absl::StatusOr<NewVersions> NumberVersions(const Workspace& workspace, const ChangeRequest& request,
                                           const ChangeProposal& proposal,
                                           const CheckedPrompts& prompts, ChangedFiles* files) {
  NewVersions versions;
  for (const auto& [prompt, checked] : prompts.by_name) {
    if (proposal.is_draft()) {
      RETURN_IF_ERROR(request.CheckWanted());
      ASSIGN_OR_RETURN(const std::string before, DigestBefore(prompt, files));
      if (before != checked.digest) versions.published[prompt] = 0;
      continue;
    }
    const Workspace::Prompt* const known = workspace.FindPrompt(prompt);
    const uint32_t latest = known == nullptr ? 0 : known->row.latest_version;
    // A prompt that comes back gets a number, so that every watcher sees it.
    const bool is_new = latest == 0 || known->row.archived;
    if (is_new || known->row.digest != checked.digest) versions.published[prompt] = latest + 1;
  }
  if (!proposal.is_draft()) versions.archived = files->deleted_prompts();
  return versions;
}

}  // namespace colophon
