#include "service/registry/pushed_history.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/git/pushed_objects.h"
#include "service/git/tree_diff.h"
#include "service/registry/diagnostic_list.h"

namespace colophon {
namespace {

struct Commit {
  ObjectId id;
  CommitFields fields;
};

absl::Status NotFastForward(const Workspace& workspace, const ObjectId& tip) {
  return Aborted(
      "NOT_FAST_FORWARD",
      fmt::format("main of {} is at {}, change {}, which is not among the first parents "
                  "of {}; `git pull --rebase` and push again",
                  workspace.repository(), workspace.head().hex(), workspace.sequence(), tip.hex()),
      {{"sequence", std::to_string(workspace.sequence())}});
}

// The same with the commit that it is about.
absl::Status OfCommit(const ObjectId& id, const absl::Status& status) {
  if (status.ok()) return status;
  return Error(status.code(), ReasonOf(status),
               fmt::format("commit {}: {}", id.hex(), MessageOf(status)));
}

absl::Status TooManyCommits() {
  return InvalidArgument(
      "TOO_MANY_COMMITS",
      fmt::format("more than {} commits were pushed; push them in parts", kMaxPushedCommits));
}

absl::StatusOr<CommitFields> ReadPushed(PushedObjects& objects, const ObjectId& id) {
  auto fields = ReadCommit(objects, id);
  if (fields.ok()) return fields;
  return InvalidArgument(
      "BAD_OBJECT", fmt::format("commit {} can't be read: {}; push it with its objects", id.hex(),
                                MessageOf(fields.status())));
}

// From the tip down to main's head, without it.
absl::StatusOr<std::vector<Commit>> CommitsSinceHead(Store* store, Workspace& workspace,
                                                     const PushedCommits& pushed,
                                                     PushedObjects& objects) {
  std::vector<Commit> commits;
  for (ObjectId id = pushed.tip; id != workspace.head();) {
    if (id.is_zero()) return NotFastForward(workspace, pushed.tip);
    if (commits.size() == kMaxPushedCommits) return TooManyCommits();
    // An older change of main: from there on main's head can't come.
    const auto sequence = store->FindSequence(workspace.repository(), id);
    if (sequence.ok()) return NotFastForward(workspace, pushed.tip);
    if (sequence.status().code() != absl::StatusCode::kNotFound) return sequence.status();
    ASSIGN_OR_RETURN(CommitFields fields, ReadPushed(objects, id));
    const ObjectId parent = fields.parents.empty() ? ObjectId() : fields.parents[0];
    commits.push_back({id, std::move(fields)});
    id = parent;
  }
  return commits;
}

absl::StatusOr<std::vector<CheckedEdit>> EditsOf(const ObjectId& root, const ObjectId& parent_root,
                                                 PushedObjects& objects) {
  ASSIGN_OR_RETURN(const auto differences, DiffTrees(objects, parent_root, root));
  std::vector<CheckedEdit> edits;
  std::vector<v1::Diagnostic> diagnostics;
  for (const TreeDifference& difference : differences) {
    CheckedEdit edit{difference.path, difference.after, nullptr, {}};
    if (edit.file.exists() && edit.file.mode != kSubmoduleMode) {
      ASSIGN_OR_RETURN(edit.blob, objects.Get(edit.file.id, ObjectType::kBlob));
    }
    RETURN_IF_ERROR(CheckEdit(&edit, &diagnostics));
    edits.push_back(std::move(edit));
  }
  if (!diagnostics.empty()) RETURN_IF_ERROR(RefuseFiles(std::move(diagnostics)));
  return edits;
}

absl::StatusOr<ChangeProposal> Propose(const Commit& commit, const ObjectId& parent_root,
                                       PushedObjects& objects) {
  RETURN_IF_ERROR(CheckAuthor(commit.fields.author));
  RETURN_IF_ERROR(CheckDescription(commit.fields.message));
  ChangeProposal proposal;
  proposal.author = commit.fields.author;
  proposal.description = commit.fields.message;
  // First, for what is read below has to be there.
  ASSIGN_OR_RETURN(std::vector<SharedObject> taken, objects.Take(commit.id));
  ASSIGN_OR_RETURN(proposal.edits, EditsOf(commit.fields.tree, parent_root, objects));
  proposal.commit = {commit.id, commit.fields.tree, parent_root, std::move(taken)};
  return proposal;
}

// The tree of the newest first parent that is known here; zero: there is none. A commit
// that is durable is not looked at again, so that a draft may begin anywhere.
absl::StatusOr<ObjectId> KnownRoot(Workspace& workspace, PushedObjects& objects,
                                   const Commit& tip) {
  CommitFields fields = tip.fields;
  ObjectId id = tip.id;
  for (int commits = 0;; ++commits) {
    ASSIGN_OR_RETURN(const bool is_known, workspace.objects().durable().Has(id));
    if (is_known || id == workspace.head()) return fields.tree;
    if (fields.parents.empty()) return ObjectId();
    if (commits == kMaxPushedCommits) return TooManyCommits();
    id = fields.parents[0];
    ASSIGN_OR_RETURN(fields, ReadPushed(objects, id));
  }
}

absl::StatusOr<ChangeProposal> ProposeDraft(Workspace& workspace, const PushedCommits& pushed,
                                            PushedObjects& objects) {
  Commit tip{pushed.tip, {}};
  ASSIGN_OR_RETURN(tip.fields, ReadPushed(objects, pushed.tip));
  ASSIGN_OR_RETURN(const ObjectId root, KnownRoot(workspace, objects, tip));
  auto proposal = Propose(tip, root, objects);
  if (!proposal.ok()) return OfCommit(tip.id, proposal.status());
  proposal->branch = pushed.branch;
  proposal->expected_head = pushed.expected;
  // Labels move when it comes to main: here they are words.
  std::erase_if(proposal->edits,
                [](const CheckedEdit& edit) { return KindOfFile(edit.path) == FileKind::kLabels; });
  return proposal;
}

}  // namespace

absl::StatusOr<std::vector<ChangeProposal>> ProposeCommits(Store* store, Workspace& workspace,
                                                           const ChangeRequest& request,
                                                           const PushedCommits& pushed) {
  PushedObjects objects(&workspace.objects().durable(), &workspace.objects(), pushed.objects);
  objects.AddWhole(workspace.head());
  if (!pushed.branch.empty()) {
    ASSIGN_OR_RETURN(ChangeProposal draft, ProposeDraft(workspace, pushed, objects));
    std::vector<ChangeProposal> proposals;
    proposals.push_back(std::move(draft));
    return proposals;
  }
  ASSIGN_OR_RETURN(auto commits, CommitsSinceHead(store, workspace, pushed, objects));
  std::reverse(commits.begin(), commits.end());
  std::vector<ChangeProposal> proposals;
  ObjectId parent_root = workspace.root();
  for (const Commit& commit : commits) {
    RETURN_IF_ERROR(request.CheckWanted());
    auto proposal = Propose(commit, parent_root, objects);
    if (!proposal.ok()) return OfCommit(commit.id, proposal.status());
    proposals.push_back(*std::move(proposal));
    parent_root = commit.fields.tree;
  }
  return proposals;
}

}  // namespace colophon
