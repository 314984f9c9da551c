#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/git/file_finder.h"
#include "service/git/tree_edit.h"
#include "service/registry/change_request.h"
#include "service/registry/workspace.h"
#include "service/template/closure.h"

namespace colophon {

// Builds one change on a workspace, step by step in the order of the methods;
// the publisher walks through them. Alters nothing but itself.
//
// Not thread-safe; for one change.
class ChangeBuilder {
 public:
  ChangeBuilder(Workspace* workspace, const ChangeRequest* request, absl::Time now);

  // Finds what the change stands on: the head of main or of the draft.
  absl::Status FindParent();
  // ABORTED STALE_BASE, with the current `sequence`.
  absl::Status CheckBase();
  // Keeps the edits that alter something. NOT_FOUND FILE_NOT_FOUND for a
  // deletion of nothing.
  absl::Status TakeEdits();
  // Parses every prompt whose closure the edits may alter, and looks for what is
  // seldom meant in it. INVALID_ARGUMENT BAD_FILE; CANCELLED as soon as nobody
  // waits for it any more, for it takes as long as there are prompts.
  absl::Status LoadClosures();
  // Numbers those that differ from their latest version; archives the deleted.
  absl::Status PublishVersions();
  // Label files and label moves. ABORTED LABEL_MOVED; NOT_FOUND PROMPT_NOT_FOUND,
  // VERSION_NOT_FOUND, LABEL_NOT_FOUND; FAILED_PRECONDITION LABEL_NAMES_ARCHIVED,
  // PROMPT_ARCHIVED; INVALID_ARGUMENT BAD_FILE.
  absl::Status MoveLabels();
  // True when nothing differs: there is nothing to commit.
  bool alters_nothing() const { return edits_.empty(); }
  // Trees and the commit. INVALID_ARGUMENT PATH_CONFLICT, CASE_TWINS.
  absl::Status WriteCommit();
  // The transaction and the answer.
  BuiltChange Finish();

 private:
  // What is kept of a closure: the files' contents and the parsed templates of all
  // prompts that one partial is in would be more than memory holds.
  struct LoadedPrompt {
    std::string digest;
    std::vector<std::pair<std::string, std::string>> files;  // Path, SHA-256.
    std::vector<std::string> names;
  };
  struct Published {
    const LoadedPrompt* loaded = nullptr;  // In loaded_.
    uint32_t version = 0;                  // 0 on a draft.
  };
  using Content = std::optional<std::string>;

  bool is_draft() const { return !request_.branch.empty(); }
  absl::Status CheckNotTouched(const std::string& path_or_label);
  absl::StatusOr<std::set<std::string>> AffectedPrompts();
  absl::StatusOr<Content> ReadFile(const std::string& path);
  void Take(std::vector<v1::Diagnostic> found);
  absl::StatusOr<std::string> DraftDigestBefore(const std::string& prompt);
  uint32_t LatestVersion(const std::string& prompt) const;
  LabelMap CurrentLabels(const std::string& prompt) const;

  absl::Status TakeLabelFiles(std::map<std::string, LabelMap>* after);
  absl::Status ApplyLabelMove(const v1::LabelMove& move, std::map<std::string, LabelMap>* after);
  absl::Status CheckExpected(const v1::LabelMove& move, const v1::LabelTargets& current) const;
  absl::Status CheckLabelsOf(const std::string& prompt, const LabelMap& labels) const;
  absl::Status WriteLabels(const std::string& prompt, const LabelMap& labels);
  void AddMoves(const std::string& prompt, const LabelMap& before, const LabelMap& after);

  std::string Description() const;
  v1::Change MakeChange() const;
  v1::Version MakeVersion(const std::string& prompt, const Published& published,
                          const v1::Change& change) const;
  std::string PublishedName(const std::string& prompt, const Published& published,
                            const std::string& commit) const;
  void AddPrompts(const v1::Change& change, BuiltChange* built) const;
  void AddLabels(const v1::Change& change, BuiltChange* built) const;
  void AddRefs(BuiltChange* built) const;

  // Constant after construction.
  Workspace& workspace_;
  const ChangeRequest& request_;
  const absl::Time time_;

  ObjectStage stage_;
  FileFinder files_{&stage_};
  // FindParent.
  ObjectId parent_;  // Zero: none.
  ObjectId parent_root_;
  bool draft_is_new_ = false;
  // TakeEdits, and MoveLabels for the labels files.
  TreeEdits edits_;
  std::set<std::string> added_paths_;
  std::set<std::string> added_prompts_;
  std::set<std::string> deleted_prompts_;
  // LoadClosures.
  std::map<std::string, LoadedPrompt> loaded_;
  std::map<std::string, ObjectId> blobs_;  // Of every file that was read.
  std::vector<v1::Diagnostic> diagnostics_;
  std::set<std::string> warnings_;  // Those among them, serialized.
  // PublishVersions.
  std::map<std::string, Published> published_;
  std::set<std::string> archived_;
  // MoveLabels.
  std::vector<v1::LabelMove> moves_;
  // WriteCommit.
  ObjectId root_;
  ObjectId commit_;
};

}  // namespace colophon
