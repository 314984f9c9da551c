#include "service/registry/label_changes.h"

#include <map>
#include <set>

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/registry/catalog_errors.h"
#include "service/registry/diagnostic_list.h"

namespace colophon {
namespace {

// The labels of one change, worked out prompt by prompt.
class LabelChanges {
 public:
  LabelChanges(const Workspace& workspace, const ChangeProposal& proposal,
               const NewVersions& versions, ChangedFiles* files)
      : workspace_(workspace), proposal_(proposal), versions_(versions), files_(*files) {}

  absl::StatusOr<std::vector<v1::LabelMove>> Make();

 private:
  prompt::LabelMap CurrentLabels(const std::string& prompt) const;
  void TakeLabelFiles();
  absl::Status ApplyMove(const v1::LabelMove& move);
  absl::Status CheckExpected(const v1::LabelMove& move, const v1::LabelTargets& current) const;
  absl::Status CheckLabelsOf(const std::string& prompt, const prompt::LabelMap& labels) const;
  absl::Status WriteLabels(const std::string& prompt, const prompt::LabelMap& labels);
  void AddMoves(const std::string& prompt, const prompt::LabelMap& before,
                const prompt::LabelMap& after);

  const Workspace& workspace_;
  const ChangeProposal& proposal_;
  const NewVersions& versions_;
  ChangedFiles& files_;

  std::map<std::string, prompt::LabelMap> after_;  // By prompt, of those that may differ.
  std::vector<v1::LabelMove> moves_;
};

prompt::LabelMap LabelChanges::CurrentLabels(const std::string& prompt) const {
  prompt::LabelMap labels;
  const Workspace::Prompt* const known = workspace_.FindPrompt(prompt);
  if (known == nullptr) return labels;
  for (const auto& [label, row] : known->labels) labels[label] = row.targets();
  return labels;
}

absl::StatusOr<std::vector<v1::LabelMove>> LabelChanges::Make() {
  for (const std::string& prompt : versions_.archived) after_[prompt] = CurrentLabels(prompt);
  TakeLabelFiles();
  for (const v1::LabelMove& move : proposal_.label_moves) RETURN_IF_ERROR(ApplyMove(move));
  for (const auto& entry : after_) {
    const std::string& prompt = entry.first;
    const prompt::LabelMap& labels = entry.second;
    RETURN_IF_ERROR(CheckLabelsOf(prompt, labels));
    const bool is_file_edited = files_.IsEdited(LabelsPathOfPrompt(prompt));
    const size_t moves_before = moves_.size();
    AddMoves(prompt, CurrentLabels(prompt), labels);
    const bool differs = moves_.size() > moves_before;
    if (differs && !is_file_edited) RETURN_IF_ERROR(WriteLabels(prompt, labels));
  }
  return std::move(moves_);
}

// Files that the author wrote or deleted.
void LabelChanges::TakeLabelFiles() {
  for (const CheckedEdit& edit : proposal_.edits) {
    const std::string prompt = PromptOfLabelsPath(edit.path);
    if (!prompt.empty() && files_.IsEdited(edit.path)) after_[prompt] = edit.labels;
  }
}

absl::Status LabelChanges::ApplyMove(const v1::LabelMove& move) {
  const std::string& prompt = move.prompt();
  const uint32_t latest = versions_.LatestOf(prompt, workspace_);
  if (latest == 0) return NoPrompt(workspace_.repository(), prompt, {});
  const auto [place, is_first] = after_.try_emplace(prompt);
  if (is_first) place->second = CurrentLabels(prompt);
  prompt::LabelMap& labels = place->second;
  const auto current = labels.find(move.label());
  RETURN_IF_ERROR(
      CheckExpected(move, current == labels.end() ? v1::LabelTargets() : current->second));
  if (move.targets().targets().empty()) {
    if (current == labels.end()) {
      std::vector<std::string_view> there;
      for (const auto& [label, targets] : labels) there.push_back(label);
      return NoLabel(workspace_.repository(), prompt, move.label(), there);
    }
    labels.erase(current);
    return absl::OkStatus();
  }
  v1::LabelTargets targets = move.targets();
  for (auto& target : *targets.mutable_targets()) {
    if (target.version() == 0) target.set_version(latest);
    if (target.version() > latest) {
      return NoVersion(workspace_.repository(), prompt, target.version(), latest);
    }
  }
  // Version 0 may have become one that stands there already.
  ASSIGN_OR_RETURN(labels[move.label()], prompt::NormalTargets(targets));
  return absl::OkStatus();
}

absl::Status LabelChanges::CheckExpected(const v1::LabelMove& move,
                                         const v1::LabelTargets& current) const {
  if (!proposal_.expected || prompt::EqualTargets(*proposal_.expected, current))
    return absl::OkStatus();
  const auto say = [](const v1::LabelTargets& targets) {
    const std::string text = prompt::TargetsText(targets);
    return text.empty() ? std::string("nothing") : text;
  };
  return Aborted(
      "LABEL_MOVED",
      fmt::format("label \"{}\" of {}/{} points to {}, not to {}; look again", move.label(),
                  workspace_.repository(), move.prompt(), say(current), say(*proposal_.expected)),
      {{"current", prompt::TargetsText(current)}});
}

absl::Status LabelChanges::CheckLabelsOf(const std::string& prompt,
                                         const prompt::LabelMap& labels) const {
  if (labels.empty()) return absl::OkStatus();
  const std::string& first = labels.begin()->first;
  if (versions_.archived.count(prompt) > 0) {
    return FailedPrecondition(
        "LABEL_NAMES_ARCHIVED",
        fmt::format("label \"{}\" names {}/{}, which this change deletes; remove its labels in the "
                    "same change",
                    first, workspace_.repository(), prompt));
  }
  const Workspace::Prompt* const known = workspace_.FindPrompt(prompt);
  const bool is_published = versions_.published.count(prompt) > 0;
  if (!is_published && known != nullptr && known->row.archived) {
    return PromptArchived(workspace_.repository(), prompt);
  }
  if (labels.size() > static_cast<size_t>(prompt::kMaxLabelsOfPrompt)) {
    return FailedPrecondition(
        "TOO_MANY_LABELS",
        fmt::format("{}/{} would have {} labels; at most {} are allowed", workspace_.repository(),
                    prompt, labels.size(), prompt::kMaxLabelsOfPrompt));
  }
  // Moves were checked one by one; this is for files.
  const uint32_t latest = versions_.LatestOf(prompt, workspace_);
  std::vector<v1::Diagnostic> diagnostics;
  const auto refuse = [&](const char* code, const std::string& message) {
    v1::Diagnostic& diagnostic = diagnostics.emplace_back();
    diagnostic.set_path(LabelsPathOfPrompt(prompt));
    diagnostic.set_severity(v1::Diagnostic::SEVERITY_ERROR);
    diagnostic.set_code(code);
    diagnostic.set_message(message);
  };
  if (latest == 0) {
    refuse("NO_PROMPT", fmt::format("the file has labels of a prompt, but there is no {}",
                                    PathOfPrompt(prompt)));
    return RefuseFiles(std::move(diagnostics));
  }
  for (const auto& [label, targets] : labels) {
    for (const auto& target : targets.targets()) {
      if (target.version() <= latest) continue;
      refuse("NO_VERSION", fmt::format("label \"{}\" names v{}; the newest version is v{}", label,
                                       target.version(), latest));
    }
  }
  return diagnostics.empty() ? absl::OkStatus() : RefuseFiles(std::move(diagnostics));
}

absl::Status LabelChanges::WriteLabels(const std::string& prompt, const prompt::LabelMap& labels) {
  const std::string path = LabelsPathOfPrompt(prompt);
  if (labels.empty()) return files_.Delete(path);
  files_.Write(path, prompt::WriteLabelsFile(labels));
  return absl::OkStatus();
}

void LabelChanges::AddMoves(const std::string& prompt, const prompt::LabelMap& before,
                            const prompt::LabelMap& after) {
  const auto add = [&](const std::string& label, const v1::LabelTargets* from,
                       const v1::LabelTargets* to) {
    v1::LabelMove& move = moves_.emplace_back();
    move.set_prompt(prompt);
    move.set_label(label);
    if (to != nullptr) *move.mutable_targets() = *to;
    if (from != nullptr) *move.mutable_previous() = *from;
  };
  std::set<std::string> names;
  for (const auto& [label, targets] : before) names.insert(label);
  for (const auto& [label, targets] : after) names.insert(label);
  for (const std::string& label : names) {
    const auto from = before.find(label), to = after.find(label);
    if (from == before.end()) {
      add(label, nullptr, &to->second);
    } else if (to == after.end()) {
      add(label, &from->second, nullptr);
    } else if (!prompt::EqualTargets(from->second, to->second)) {
      add(label, &from->second, &to->second);
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::LabelMove>> MoveLabels(const Workspace& workspace,
                                                      const ChangeProposal& proposal,
                                                      const NewVersions& versions,
                                                      ChangedFiles* files) {
  if (proposal.is_draft()) return std::vector<v1::LabelMove>();
  return LabelChanges(workspace, proposal, versions, files).Make();
}

}  // namespace colophon
