#include "service/registry/change_base.h"

#include "fmt/format.h"
#include "service/git/commit.h"
#include "service/registry/catalog_errors.h"

namespace colophon {
namespace {

// A clock that is set back by less is being kept right: time stands still meanwhile.
constexpr absl::Duration kSmallStep = absl::Seconds(1);

// After a larger step the clock is believed again at once: what comes must not keep the
// time of a clock that was wrong. store/change_times.h says how a moment is found then.
absl::Time TimeOfNext(absl::Time now, absl::Time previous) {
  return now < previous && previous - now < kSmallStep ? previous : now;
}

absl::Status CheckNotTouched(Workspace& workspace, int64_t base, const std::string& path_or_label) {
  ASSIGN_OR_RETURN(const int64_t touch, workspace.FindTouch(path_or_label, base));
  if (touch == 0) return absl::OkStatus();
  const std::string why = touch < 0 ? "too many changes were made since to compare"
                                    : fmt::format("change {} touched {}", touch, path_or_label);
  return Aborted("STALE_BASE",
                 fmt::format("the edits were made on sequence {} of {}, but {}; read sequence {} "
                             "and make them again",
                             base, workspace.repository(), why, workspace.sequence()),
                 {{"sequence", std::to_string(workspace.sequence())}});
}

absl::Status CheckBaseSequence(Workspace& workspace, const ChangeProposal& proposal) {
  const int64_t base = proposal.base_sequence;
  if (base == 0) return absl::OkStatus();
  if (base > workspace.sequence()) {
    return Error(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE",
                 fmt::format("base_sequence is {}; the newest change of {} is {}", base,
                             workspace.repository(), workspace.sequence()));
  }
  for (const CheckedEdit& edit : proposal.edits) {
    RETURN_IF_ERROR(CheckNotTouched(workspace, base, edit.path));
  }
  for (const v1::LabelMove& move : proposal.label_moves) {
    const std::string label = fmt::format("{}@{}", move.prompt(), move.label());
    RETURN_IF_ERROR(CheckNotTouched(workspace, base, label));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ChangeBase> FindBase(Workspace& workspace, const ChangeProposal& proposal,
                                    absl::Time now) {
  ChangeBase base{.commit = workspace.head(),
                  .root = workspace.root(),
                  .time = TimeOfNext(now, workspace.change_time())};
  if (proposal.is_draft()) {
    const auto draft = workspace.FindDraft(proposal.branch);
    base.begins_draft = !draft || proposal.replaces_draft;
    base.draft = draft.value_or(ObjectId());
    if (proposal.expected_head && draft.value_or(ObjectId()) != *proposal.expected_head) {
      return DraftMoved(workspace.repository(), proposal.branch, draft.value_or(ObjectId()),
                        *proposal.expected_head);
    }
    if (proposal.commit) {
      if (draft) base.commit = *draft;
      base.root = proposal.commit->base_root;
    } else if (!base.begins_draft) {
      base.commit = *draft;
      ASSIGN_OR_RETURN(const CommitFields fields, ReadCommit(workspace.objects(), *draft));
      base.root = fields.tree;
    }
  }
  RETURN_IF_ERROR(CheckBaseSequence(workspace, proposal));
  return base;
}

}  // namespace colophon
