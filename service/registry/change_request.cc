#include "service/registry/change_request.h"

#include <algorithm>
#include <set>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/hash.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/registry/diagnostic_list.h"
#include "service/store/git_object.h"

namespace colophon {
namespace {

absl::Status CheckEdits(v1::PublishRequest& request, ChangeProposal* change) {
  if (request.edits_size() > kMaxEdits) {
    return InvalidArgument("TOO_MANY_EDITS",
                           fmt::format("the change has {} edits; at most {} are allowed",
                                       request.edits_size(), kMaxEdits));
  }
  std::vector<v1::Diagnostic> diagnostics;
  size_t bytes = 0;
  for (v1::FileEdit& edit : *request.mutable_edits()) {
    CheckedEdit checked{.path = edit.path()};
    if (edit.has_content()) {
      bytes += edit.content().size();
      if (bytes > kMaxChangeBytes) {
        return InvalidArgument("FILE_TOO_LARGE",
                               fmt::format("the files up to {} have {} bytes; a change has at "
                                           "most {}; make several",
                                           Quoted(edit.path()), bytes, kMaxChangeBytes));
      }
      const ObjectId id = HashObject(ObjectType::kBlob, edit.content());
      checked.file = {kFileMode, id};
      checked.blob = std::make_shared<const Object>(
          Object{id, ObjectType::kBlob, std::move(*edit.mutable_content())});
    }
    RETURN_IF_ERROR(CheckEdit(&checked, &diagnostics));
    if (!checked.file.exists() && !edit.remove()) {
      return InvalidArgument("BAD_EDIT", fmt::format("the edit of {} has neither content nor "
                                                     "remove: true",
                                                     Quoted(edit.path())));
    }
    change->edits.push_back(std::move(checked));
  }
  std::sort(change->edits.begin(), change->edits.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  const auto twice =
      std::adjacent_find(change->edits.begin(), change->edits.end(),
                         [](const auto& a, const auto& b) { return a.path == b.path; });
  if (twice != change->edits.end()) {
    return InvalidArgument("DUPLICATE_PATH",
                           fmt::format("{} is edited twice in one change", Quoted(twice->path)));
  }
  return diagnostics.empty() ? absl::OkStatus() : RefuseFiles(std::move(diagnostics));
}

absl::Status CheckLabelMoves(const v1::PublishRequest& request, ChangeProposal* change) {
  if (request.label_moves_size() > kMaxLabelMoves) {
    return InvalidArgument("TOO_MANY_LABEL_MOVES",
                           fmt::format("the change moves {} labels; at most {} are allowed",
                                       request.label_moves_size(), kMaxLabelMoves));
  }
  std::set<std::string> edited, moved;
  for (const CheckedEdit& edit : change->edits) edited.insert(edit.path);
  for (const v1::LabelMove& move : request.label_moves()) {
    RETURN_IF_ERROR(CheckPromptPath(move.prompt()));
    RETURN_IF_ERROR(CheckLabel(move.label()));
    if (!moved.insert(move.prompt() + "@" + move.label()).second) {
      return InvalidArgument("DUPLICATE_LABEL",
                             fmt::format("label \"{}\" of {} is moved twice in one change",
                                         move.label(), move.prompt()));
    }
    if (edited.count(LabelsPathOfPrompt(move.prompt())) > 0) {
      return InvalidArgument(
          "LABELS_TWICE",
          fmt::format("the change edits {} and moves label \"{}\" of the same prompt; do one",
                      LabelsPathOfPrompt(move.prompt()), move.label()));
    }
    v1::LabelMove& checked = change->label_moves.emplace_back();
    checked.set_prompt(move.prompt());
    checked.set_label(move.label());
    ASSIGN_OR_RETURN(*checked.mutable_targets(), prompt::NormalTargets(move.targets()));
  }
  return absl::OkStatus();
}

absl::Status CheckDraftBranch(const std::string& branch) {
  RETURN_IF_ERROR(CheckBranch(branch));
  if (branch != "main") return absl::OkStatus();
  return InvalidArgument("BAD_BRANCH",
                         "branch \"main\" is served, not a draft; leave branch empty for it");
}

absl::Status CheckBranchRules(const ChangeProposal& change) {
  if (change.base_sequence < 0) {
    return InvalidArgument("BAD_BASE_SEQUENCE", fmt::format("base_sequence is {}; it is a "
                                                            "sequence from 1, or 0 for no check",
                                                            change.base_sequence));
  }
  if (change.branch.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckDraftBranch(change.branch));
  if (change.base_sequence != 0) {
    return InvalidArgument("BAD_BASE_SEQUENCE",
                           "a draft has no sequence; leave base_sequence 0 with a branch");
  }
  const bool has_labels_file = std::any_of(
      change.edits.begin(), change.edits.end(),
      [](const CheckedEdit& edit) { return KindOfFile(edit.path) == FileKind::kLabels; });
  if (!change.label_moves.empty() || has_labels_file) {
    return InvalidArgument(
        "DRAFT_MOVES_LABEL",
        fmt::format("draft \"{}\" can't move labels; they belong to main", change.branch));
  }
  return absl::OkStatus();
}

// That a draft begins again at main.
absl::Status CheckReplacement(const std::string& commit, ChangeProposal* change) {
  if (commit.empty()) return absl::OkStatus();
  change->expected_head = ObjectId::FromHex(commit);
  change->replaces_draft = true;
  if (change->expected_head && !change->expected_head->is_zero() && change->is_draft()) {
    return absl::OkStatus();
  }
  return InvalidArgument("BAD_COMMIT",
                         fmt::format("replaced_commit is {}; write all 40 hex digits of where the "
                                     "draft stands, and its branch",
                                     Quoted(commit)));
}

// The requests have no maps, so equal requests are equal bytes.
template <class Request>
absl::Status TakeRequestId(const Request& request, const std::string& author,
                           ChangeRequest* change) {
  change->request_id = request.request_id();
  if (change->request_id.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(
      CheckLine("BAD_REQUEST_ID", "request_id", change->request_id, kMaxRequestIdBytes));
  const Sha256Digest digest =
      Sha256(fmt::format("{}\n{}\n{}", request.GetTypeName(), author, request.SerializeAsString()));
  change->request_digest.assign(digest.begin(), digest.end());
  return absl::OkStatus();
}

// What the kinds of request that make a commit have in common.
template <class Request>
absl::Status CheckCommon(const Request& request, const std::string& caller, ChangeRequest* change,
                         ChangeProposal* proposal) {
  RETURN_IF_ERROR(CheckRepositoryName(change->repository));
  RETURN_IF_ERROR(
      CheckText("BAD_DESCRIPTION", "description", request.description(), kMaxDescriptionBytes));
  proposal->description = request.description();
  change->caller = caller;
  proposal->author = request.author();
  if (proposal->author.empty()) proposal->author = caller.empty() ? "anonymous" : caller;
  RETURN_IF_ERROR(CheckAuthor(proposal->author));
  return TakeRequestId(request, proposal->author, change);
}

template <class Request>
absl::StatusOr<ChangeRequest> CheckLabelRequest(const Request& request, const std::string& caller,
                                                const v1::LabelTargets& targets) {
  ChangeRequest change;
  ChangeProposal proposal;
  ASSIGN_OR_RETURN(LabelName name, LabelName::Parse(request.name()));
  change.repository = name.repository;
  RETURN_IF_ERROR(CheckCommon(request, caller, &change, &proposal));
  v1::LabelMove& move = proposal.label_moves.emplace_back();
  move.set_prompt(name.prompt);
  move.set_label(name.label);
  ASSIGN_OR_RETURN(*move.mutable_targets(), prompt::NormalTargets(targets));
  if (request.has_expected()) {
    ASSIGN_OR_RETURN(proposal.expected, prompt::NormalTargets(request.expected()));
    for (const auto& target : proposal.expected->targets()) {
      if (target.version() == 0) {
        return InvalidArgument("BAD_TARGETS", "expected names version 0; say the number");
      }
    }
  }
  change.source = std::move(proposal);
  return change;
}

}  // namespace

size_t ChangeRequest::bytes() const {
  constexpr size_t kOverhead = 1'024;
  size_t bytes = kOverhead;
  if (const auto* pushed = std::get_if<PushedCommits>(&source)) {
    for (const SharedObject& object : pushed->objects) bytes += kOverhead + object->data.size();
    return bytes;
  }
  if (std::holds_alternative<DraftDeletion>(source)) return bytes;
  const ChangeProposal& proposal = std::get<ChangeProposal>(source);
  bytes += proposal.description.size() + 256 * proposal.label_moves.size();
  for (const CheckedEdit& edit : proposal.edits) {
    bytes += kOverhead + edit.path.size() + (edit.blob == nullptr ? 0 : edit.blob->data.size());
  }
  return bytes;
}

absl::Status ChangeRequest::CheckWanted() const {
  if (stop == nullptr || !stop->stopped()) return absl::OkStatus();
  return Error(absl::StatusCode::kCancelled, "ABANDONED",
               "the caller went away before the change was made; nothing was changed");
}

absl::Status CheckDescription(std::string_view description) {
  RETURN_IF_ERROR(CheckText("BAD_DESCRIPTION", "description", description, kMaxDescriptionBytes));
  if (description.find_first_not_of(" \t\r\n") != std::string_view::npos) return absl::OkStatus();
  return InvalidArgument("BAD_DESCRIPTION", "the description is empty; say what changed and why");
}

absl::StatusOr<ChangeRequest> CheckRequest(v1::PublishRequest request, const std::string& caller) {
  ChangeRequest change;
  ChangeProposal proposal;
  change.repository = request.repository();
  RETURN_IF_ERROR(CheckCommon(request, caller, &change, &proposal));
  RETURN_IF_ERROR(CheckDescription(request.description()));
  RETURN_IF_ERROR(CheckEdits(request, &proposal));
  RETURN_IF_ERROR(CheckLabelMoves(request, &proposal));
  proposal.branch = request.branch();
  proposal.base_sequence = request.base_sequence();
  change.validate_only = request.validate_only();
  RETURN_IF_ERROR(CheckBranchRules(proposal));
  RETURN_IF_ERROR(CheckReplacement(request.replaced_commit(), &proposal));
  change.source = std::move(proposal);
  return change;
}

absl::StatusOr<ChangeRequest> CheckRequest(const v1::UpdateLabelRequest& request,
                                           const std::string& caller) {
  ASSIGN_OR_RETURN(ChangeRequest change, CheckLabelRequest(request, caller, request.targets()));
  change.kind = ChangeRequest::Kind::kUpdateLabel;
  change.validate_only = request.validate_only();
  if (request.targets().targets().empty()) {
    return InvalidArgument("BAD_TARGETS", fmt::format("no target for {}; use DeleteLabel to "
                                                      "remove a label",
                                                      request.name()));
  }
  return change;
}

absl::StatusOr<ChangeRequest> CheckRequest(const v1::DeleteLabelRequest& request,
                                           const std::string& caller) {
  ASSIGN_OR_RETURN(ChangeRequest change, CheckLabelRequest(request, caller, {}));
  change.kind = ChangeRequest::Kind::kDeleteLabel;
  return change;
}

absl::StatusOr<ChangeRequest> CheckRequest(const v1::DeleteDraftRequest& request,
                                           const std::string& caller) {
  RETURN_IF_ERROR(CheckRepositoryName(request.repository()));
  RETURN_IF_ERROR(CheckDraftBranch(request.branch()));
  ChangeRequest change;
  change.kind = ChangeRequest::Kind::kDeleteDraft;
  change.repository = request.repository();
  change.caller = caller;
  DraftDeletion deletion{.branch = request.branch(), .expected = std::nullopt};
  if (!request.expected_commit().empty()) {
    deletion.expected = ObjectId::FromHex(request.expected_commit());
    if (!deletion.expected) {
      return InvalidArgument("BAD_COMMIT",
                             fmt::format("expected_commit is {}; write all 40 hex digits",
                                         Quoted(request.expected_commit())));
    }
  }
  change.source = std::move(deletion);
  RETURN_IF_ERROR(TakeRequestId(request, caller, &change));
  return change;
}

absl::StatusOr<ChangeRequest> CheckRequest(PushedCommits commits, const std::string& caller) {
  RETURN_IF_ERROR(CheckRepositoryName(commits.repository));
  if (!commits.branch.empty()) RETURN_IF_ERROR(CheckDraftBranch(commits.branch));
  size_t bytes = 0;
  for (const SharedObject& object : commits.objects) {
    bytes += object->data.size();
    if (bytes > kMaxPushedBytes) {
      return InvalidArgument(
          "PUSH_TOO_LARGE",
          fmt::format("the objects pushed have more than {} bytes; push the commits in parts",
                      kMaxPushedBytes));
    }
    if (const ObjectId hash = HashObject(object->type, object->data); hash != object->id) {
      return InvalidArgument("BAD_OBJECT", fmt::format("git object {} hashes to {}; push it again",
                                                       object->id.hex(), hash.hex()));
    }
  }
  ChangeRequest change;
  change.kind = ChangeRequest::Kind::kPush;
  change.repository = commits.repository;
  change.caller = caller;
  change.source = std::move(commits);
  return change;
}

}  // namespace colophon
