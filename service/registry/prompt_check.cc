#include "service/registry/prompt_check.h"

#include <algorithm>
#include <set>
#include <utility>

#include "service/base/reference.h"
#include "service/git/tree_diff.h"
#include "service/registry/diagnostic_list.h"
#include "service/template/lint/lint.h"
#include "service/template/prompt/closure_loader.h"
#include "service/template/prompt/prompt_file.h"

namespace colophon {
namespace {

// The prompts that may differ after an edit of this file.
void AddPromptsOf(const std::string& path, const Workspace& workspace,
                  std::set<std::string>* prompts) {
  if (std::string prompt = PromptOfPath(path); !prompt.empty()) {
    prompts->insert(std::move(prompt));
    return;
  }
  prompts->merge(workspace.dependencies().PromptsThatMayUse(path));
}

absl::StatusOr<std::set<std::string>> AffectedPrompts(const Workspace& workspace,
                                                      const ChangeProposal& proposal,
                                                      const ObjectId& root, ChangedFiles* files) {
  std::set<std::string> prompts;
  bool edits_parts = false;  // Partials, schemas, tools.
  for (const auto& [path, blob] : files->edits()) {
    const FileKind kind = KindOfFile(path);
    edits_parts |=
        kind == FileKind::kPartial || kind == FileKind::kSchema || kind == FileKind::kTool;
    AddPromptsOf(path, workspace, &prompts);
  }
  if (proposal.is_draft() && edits_parts) {
    // The dependencies are those of main; what the draft has otherwise may
    // depend on anything.
    ASSIGN_OR_RETURN(const auto differences, DiffTrees(files->stage(), workspace.root(), root));
    for (const TreeDifference& difference : differences) {
      AddPromptsOf(difference.path, workspace, &prompts);
    }
  }
  for (const std::string& deleted : files->deleted_prompts()) prompts.erase(deleted);
  return prompts;
}

CheckedPrompt KeptOf(const prompt::Closure& closure, const ChangedFiles& files) {
  CheckedPrompt kept{.digest = closure.digest, .files = {}, .names = closure.names};
  for (const prompt::ClosureFile& file : closure.files) {
    kept.files.push_back({file.path, file.sha256, *files.FindBlobRead(file.path)});
  }
  return kept;
}

bool HasError(const std::vector<v1::Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const v1::Diagnostic& one) {
    return one.severity() == v1::Diagnostic::SEVERITY_ERROR;
  });
}

}  // namespace

absl::StatusOr<CheckedPrompts> CheckPrompts(const Workspace& workspace,
                                            const ChangeRequest& request,
                                            const ChangeProposal& proposal, const ChangeBase& base,
                                            ChangedFiles* files) {
  ASSIGN_OR_RETURN(const std::set<std::string> prompts,
                   AffectedPrompts(workspace, proposal, base.root, files));
  const auto read = [files](const std::string& path) { return files->Read(path); };
  CheckedPrompts checked;
  DiagnosticList diagnostics(&files->edits());
  bool failed = false;
  for (const std::string& prompt : prompts) {
    RETURN_IF_ERROR(request.CheckWanted());
    const std::string path = PathOfPrompt(prompt);
    if (proposal.is_draft() && !files->IsEdited(path)) {
      // Main may have prompts that the draft hasn't.
      ASSIGN_OR_RETURN(const bool existed, files->ExistedBefore(path));
      if (!existed) continue;
    }
    std::vector<v1::Diagnostic> found;  // A list that is full takes no errors either.
    ASSIGN_OR_RETURN(const auto closure, prompt::LoadClosure(path, read, &found));
    // What lint finds is told only with room to spare.
    if (closure != nullptr && !diagnostics.is_full()) lint::Lint(*closure, &found);
    failed |= HasError(found);
    diagnostics.Take(std::move(found));
    failed |= closure == nullptr;
    if (failed && diagnostics.is_full()) break;
    if (closure != nullptr) checked.by_name[prompt] = KeptOf(*closure, *files);
  }
  // A partial that nothing includes is checked all the same.
  for (const CheckedEdit& edit : proposal.edits) {
    const bool is_read = files->FindBlobRead(edit.path) != nullptr;
    if (edit.blob == nullptr || is_read || KindOfFile(edit.path) != FileKind::kPartial) continue;
    std::vector<v1::Diagnostic> found;
    const auto partial = prompt::PromptFile::Parse(edit.path, edit.blob->data, &found);
    failed |= partial == nullptr;
    if (partial != nullptr) lint::LintPartial(*partial, edit.blob->data, &found);
    failed |= HasError(found);
    diagnostics.Take(std::move(found));
  }
  if (failed) return std::move(diagnostics).Refuse();
  checked.warnings = std::move(diagnostics).Warnings();
  return checked;
}

}  // namespace colophon
