#include "service/registry/change_builder.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/git/tree_diff.h"
#include "service/registry/case_twins.h"
#include "service/template/lint.h"
#include "service/template/prompt_file.h"

namespace colophon {
namespace {

// Who has more problems in one change knows by then.
constexpr size_t kMostDiagnostics = 1000;

// A clock that is set back by less is being kept right: time stands still meanwhile.
constexpr absl::Duration kSmallStep = absl::Seconds(1);

// After a larger step the clock is believed again at once: what comes must not keep
// the time of a clock that was wrong. store/change_times.h says who finds his way then.
absl::Time TimeOfNext(absl::Time now, absl::Time previous) {
  return now < previous && previous - now < kSmallStep ? previous : now;
}

constexpr char kCommitter[] = "Colophon <colophon@localhost>";

}  // namespace

ChangeBuilder::ChangeBuilder(Workspace* workspace, const ChangeRequest* request, absl::Time now)
    : workspace_(*workspace),
      request_(*request),
      time_(TimeOfNext(now, workspace->change_time())),
      stage_(&workspace->objects()) {}

absl::Status ChangeBuilder::FindParent() {
  parent_ = workspace_.head();
  parent_root_ = workspace_.root();
  if (!is_draft()) return absl::OkStatus();
  const auto draft = workspace_.FindDraft(request_.branch);
  draft_is_new_ = !draft;
  if (draft_is_new_) return absl::OkStatus();
  parent_ = *draft;
  ASSIGN_OR_RETURN(const CommitFields fields, ReadCommit(stage_, parent_));
  parent_root_ = fields.tree;
  return absl::OkStatus();
}

absl::Status ChangeBuilder::CheckBase() {
  if (request_.base_sequence == 0) return absl::OkStatus();
  if (request_.base_sequence > workspace_.sequence()) {
    return Error(
        absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE",
        fmt::format("base_sequence is {}; the newest change of {} is {}", request_.base_sequence,
                    workspace_.repository(), workspace_.sequence()));
  }
  for (const CheckedEdit& edit : request_.edits) RETURN_IF_ERROR(CheckNotTouched(edit.path));
  for (const v1::LabelMove& move : request_.label_moves) {
    RETURN_IF_ERROR(CheckNotTouched(fmt::format("{}@{}", move.prompt(), move.label())));
  }
  return absl::OkStatus();
}

absl::Status ChangeBuilder::CheckNotTouched(const std::string& path_or_label) {
  ASSIGN_OR_RETURN(const int64_t touch,
                   workspace_.FindTouch(path_or_label, request_.base_sequence));
  if (touch == 0) return absl::OkStatus();
  const std::string why = touch < 0 ? "too many changes were made since to compare"
                                    : fmt::format("change {} touched {}", touch, path_or_label);
  return Aborted(
      "STALE_BASE",
      fmt::format("the edits were made on sequence {} of {}, but {}; read sequence {} "
                  "and make them again",
                  request_.base_sequence, workspace_.repository(), why, workspace_.sequence()),
      {{"sequence", std::to_string(workspace_.sequence())}});
}

absl::Status ChangeBuilder::TakeEdits() {
  for (const CheckedEdit& edit : request_.edits) {
    ASSIGN_OR_RETURN(const auto before, files_.Find(parent_root_, edit.path));
    const std::string prompt = PromptOfPath(edit.path);
    if (edit.blob == nullptr) {
      if (!before.exists()) {
        return NotFound("FILE_NOT_FOUND", fmt::format("no file {} to delete in {}",
                                                      Quoted(edit.path), workspace_.repository()));
      }
      edits_[edit.path] = std::nullopt;
      if (!prompt.empty()) deleted_prompts_.insert(prompt);
      continue;
    }
    if (before == TreeFile{kFileMode, edit.blob->id}) continue;
    edits_[edit.path] = edit.blob->id;
    stage_.Put(edit.blob);
    if (!before.exists()) added_paths_.insert(edit.path);
    if (!prompt.empty() && !before.exists()) added_prompts_.insert(prompt);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::set<std::string>> ChangeBuilder::AffectedPrompts() {
  std::set<std::string> prompts;
  bool edits_parts = false;  // Partials, schemas, tools.
  for (const auto& [path, blob] : edits_) {
    if (const std::string prompt = PromptOfPath(path); !prompt.empty()) {
      if (blob) prompts.insert(prompt);
      continue;
    }
    const FileKind kind = KindOfFile(path);
    edits_parts |= kind != FileKind::kOther && kind != FileKind::kLabels;
    prompts.merge(workspace_.dependencies().PromptsThatMayUse(path));
  }
  if (is_draft() && edits_parts) {
    // The dependencies are those of main; what the draft has otherwise may
    // depend on anything.
    ASSIGN_OR_RETURN(const auto differences, DiffTrees(stage_, workspace_.root(), parent_root_));
    for (const TreeDifference& difference : differences) {
      const std::string& path = difference.path;
      if (std::string prompt = PromptOfPath(path); !prompt.empty()) {
        prompts.insert(std::move(prompt));
      }
      prompts.merge(workspace_.dependencies().PromptsThatMayUse(path));
    }
  }
  for (const std::string& deleted : deleted_prompts_) prompts.erase(deleted);
  return prompts;
}

// A file as the change leaves it.
absl::StatusOr<ChangeBuilder::Content> ChangeBuilder::ReadFile(const std::string& path) {
  std::optional<ObjectId> blob;
  if (const auto edit = edits_.find(path); edit != edits_.end()) {
    blob = edit->second;
  } else {
    ASSIGN_OR_RETURN(blob, files_.FindFile(parent_root_, path));
  }
  if (!blob) return std::nullopt;
  blobs_[path] = *blob;
  ASSIGN_OR_RETURN(const SharedObject object, stage_.Get(*blob, ObjectType::kBlob));
  return object->data;
}

absl::Status ChangeBuilder::LoadClosures() {
  ASSIGN_OR_RETURN(const std::set<std::string> prompts, AffectedPrompts());
  const auto read = [this](const std::string& path) { return ReadFile(path); };
  bool failed = false;
  for (const std::string& prompt : prompts) {
    RETURN_IF_ERROR(request_.CheckWanted());
    const std::string path = PathOfPrompt(prompt);
    if (is_draft() && edits_.count(path) == 0) {
      // Main may have prompts that the draft hasn't.
      ASSIGN_OR_RETURN(const auto there, files_.Find(parent_root_, path));
      if (!there.exists()) continue;
    }
    std::vector<v1::Diagnostic> found;  // A list that is full takes no errors either.
    ASSIGN_OR_RETURN(auto closure, LoadClosure(path, read, &found));
    // What lint finds is told only with room to spare.
    if (closure != nullptr && diagnostics_.size() < kMostDiagnostics) Lint(*closure, &found);
    Take(std::move(found));
    failed |= closure == nullptr;
    if (failed && diagnostics_.size() > kMostDiagnostics) break;
    if (closure == nullptr) continue;
    LoadedPrompt& loaded = loaded_[prompt];
    loaded.digest = closure->digest;
    loaded.names = closure->names;
    for (const ClosureFile& file : closure->files)
      loaded.files.emplace_back(file.path, file.sha256);
  }
  // A partial that nothing includes is checked all the same.
  for (const CheckedEdit& edit : request_.edits) {
    const bool is_read = blobs_.count(edit.path) > 0;
    if (edit.blob == nullptr || is_read || KindOfFile(edit.path) != FileKind::kPartial) continue;
    std::vector<v1::Diagnostic> found;
    const auto partial = PromptFile::Parse(edit.path, edit.blob->data, &found);
    failed |= partial == nullptr;
    if (partial != nullptr) LintPartial(*partial, edit.blob->data, &found);
    Take(std::move(found));
  }
  return failed ? RefuseFiles(std::move(diagnostics_)) : absl::OkStatus();
}

// A partial's edit touches every prompt that includes it, and each finds the
// same in it: warnings are kept only if they will be told, each once.
void ChangeBuilder::Take(std::vector<v1::Diagnostic> found) {
  for (v1::Diagnostic& diagnostic : found) {
    if (diagnostic.severity() != v1::Diagnostic::SEVERITY_ERROR) {
      if (edits_.count(diagnostic.path()) == 0 || warnings_.size() >= kMostDiagnostics) continue;
      if (!warnings_.insert(diagnostic.SerializeAsString()).second) continue;
    }
    diagnostics_.push_back(std::move(diagnostic));
  }
}

absl::StatusOr<std::string> ChangeBuilder::DraftDigestBefore(const std::string& prompt) {
  const auto read = [this](const std::string& path) { return files_.Read(parent_root_, path); };
  const std::string path = PathOfPrompt(prompt);
  ASSIGN_OR_RETURN(const auto there, files_.Find(parent_root_, path));
  if (!there.exists()) return "";
  std::vector<v1::Diagnostic> ignored;
  ASSIGN_OR_RETURN(const auto closure, LoadClosure(path, read, &ignored));
  return closure == nullptr ? "" : closure->digest;
}

absl::Status ChangeBuilder::PublishVersions() {
  for (const auto& [prompt, loaded] : loaded_) {
    if (is_draft()) {
      RETURN_IF_ERROR(request_.CheckWanted());
      ASSIGN_OR_RETURN(const std::string before, DraftDigestBefore(prompt));
      if (before != loaded.digest) published_[prompt] = {&loaded, 0};
      continue;
    }
    const Workspace::Prompt* const known = workspace_.FindPrompt(prompt);
    const uint32_t latest = known == nullptr ? 0 : known->row.latest_version;
    // A prompt that comes back gets a number, so that every watcher sees it.
    const bool is_new = latest == 0 || known->row.archived;
    if (is_new || known->row.digest != loaded.digest) published_[prompt] = {&loaded, latest + 1};
  }
  if (!is_draft()) archived_ = deleted_prompts_;
  return absl::OkStatus();
}

uint32_t ChangeBuilder::LatestVersion(const std::string& prompt) const {
  if (const auto found = published_.find(prompt); found != published_.end()) {
    return found->second.version;
  }
  const Workspace::Prompt* const known = workspace_.FindPrompt(prompt);
  return known == nullptr ? 0 : known->row.latest_version;
}

absl::Status ChangeBuilder::WriteCommit() {
  ASSIGN_OR_RETURN(root_, EditTree(stage_, parent_root_, edits_));
  RETURN_IF_ERROR(CheckCaseTwins(stage_, root_, added_paths_));
  CommitFields commit;
  commit.tree = root_;
  if (!parent_.is_zero()) commit.parents.push_back(parent_);
  commit.author = request_.author;
  commit.committer = kCommitter;
  commit.time = time_;
  commit.message = Description();
  ASSIGN_OR_RETURN(commit_, ::colophon::WriteCommit(stage_, commit));
  return absl::OkStatus();
}

}  // namespace colophon
