#include "service/registry/change_commit.h"

#include "fmt/format.h"
#include "service/git/commit.h"
#include "service/registry/case_twins.h"

namespace colophon {
namespace {

constexpr char kCommitter[] = "Colophon <colophon@localhost>";

// A label request without a description gets one that `git log` reads well.
std::string DescriptionOf(const ChangeProposal& proposal, const std::vector<v1::LabelMove>& moves) {
  if (!proposal.description.empty() || moves.empty()) return proposal.description;
  const v1::LabelMove& move = moves[0];
  const std::string label = fmt::format("{}@{}", move.prompt(), move.label());
  const std::string before = prompt::TargetsText(move.previous()),
                    after = prompt::TargetsText(move.targets());
  if (after.empty()) return fmt::format("remove label {} (was {})", label, before);
  if (before.empty()) return fmt::format("label {}: {}", label, after);
  return fmt::format("label {}: {} → {}", label, before, after);
}

}  // namespace

absl::StatusOr<ChangeCommit> CommitFiles(const ChangeProposal& proposal, const ChangeBase& base,
                                         const std::vector<v1::LabelMove>& moves,
                                         ChangedFiles* files) {
  ChangeCommit made{.id = {}, .root = {}, .description = DescriptionOf(proposal, moves)};
  if (proposal.commit) {
    made.id = proposal.commit->id;
    made.root = proposal.commit->root;
  } else if (files->edits().empty()) {
    return made;
  } else {
    ASSIGN_OR_RETURN(made.root, EditTree(files->stage(), base.root, files->edits()));
  }
  RETURN_IF_ERROR(CheckCaseTwins(files->stage(), made.root, files->added_paths()));
  if (proposal.commit) return made;
  CommitFields commit;
  commit.tree = made.root;
  if (!base.commit.is_zero()) commit.parents.push_back(base.commit);
  commit.author = proposal.author;
  commit.committer = kCommitter;
  commit.time = base.time;
  commit.message = made.description;
  ASSIGN_OR_RETURN(made.id, WriteCommit(files->stage(), commit));
  return made;
}

}  // namespace colophon
