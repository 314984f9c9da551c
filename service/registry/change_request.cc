#include "service/registry/change_request.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/hash.h"
#include "service/base/json.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/store/git_object.h"
#include "service/template/closure.h"

namespace colophon {
namespace {

constexpr size_t kMaxErrorsTold = 20;

v1::Diagnostic FileError(const std::string& path, const char* code, const std::string& message) {
  v1::Diagnostic diagnostic;
  diagnostic.set_path(path);
  diagnostic.set_severity(v1::Diagnostic::SEVERITY_ERROR);
  diagnostic.set_code(code);
  diagnostic.set_message(message);
  return diagnostic;
}

// What a name demands of its file's place.
absl::Status CheckPlace(const std::string& path) {
  RETURN_IF_ERROR(CheckFilePath(path));
  std::string prompt;
  switch (KindOfFile(path)) {
    case FileKind::kPrompt:
      prompt = PromptOfPath(path);
      break;
    case FileKind::kLabels:
      prompt = PromptOfLabelsPath(path);
      break;
    default:
      return absl::OkStatus();
  }
  absl::Status status = CheckPromptPath(prompt);
  if (status.ok()) return status;
  return InvalidArgument("BAD_PATH",
                         fmt::format("bad path {}: {}", Quoted(path), MessageOf(status)));
}

void CheckContent(const std::string& content, CheckedEdit* edit,
                  std::vector<v1::Diagnostic>* diagnostics) {
  const FileKind kind = KindOfFile(edit->path);
  if (kind == FileKind::kOther) return;
  if (!IsUtf8(content)) {
    diagnostics->push_back(
        FileError(edit->path, "NOT_UTF8", "the file is not UTF-8; save it as UTF-8"));
    return;
  }
  if (kind == FileKind::kLabels) {
    if (auto labels = ParseLabelsFile(edit->path, content, diagnostics)) {
      edit->labels = *std::move(labels);
    }
  } else if (kind == FileKind::kSchema || kind == FileKind::kTool) {
    const auto parsed = ParseJson(content);
    if (!parsed.ok()) {
      diagnostics->push_back(FileError(edit->path, "BAD_JSON", MessageOf(parsed.status())));
    }
  }
}

absl::Status CheckEdits(v1::PublishRequest& request, ChangeRequest* change) {
  if (request.edits_size() > kMaxEdits) {
    return InvalidArgument("TOO_MANY_EDITS",
                           fmt::format("the change has {} edits; at most {} are allowed",
                                       request.edits_size(), kMaxEdits));
  }
  std::vector<v1::Diagnostic> diagnostics;
  size_t bytes = 0;
  for (v1::FileEdit& edit : *request.mutable_edits()) {
    RETURN_IF_ERROR(CheckPlace(edit.path()));
    CheckedEdit checked{edit.path(), nullptr, {}};
    if (edit.has_content()) {
      bytes += edit.content().size();
      if (edit.content().size() > kMaxFileBytes || bytes > kMaxChangeBytes) {
        return InvalidArgument(
            "FILE_TOO_LARGE", fmt::format("{} has {} bytes; a file has at most {} and a change {}",
                                          Quoted(edit.path()), edit.content().size(), kMaxFileBytes,
                                          kMaxChangeBytes));
      }
      CheckContent(edit.content(), &checked, &diagnostics);
      const ObjectId id = HashObject(ObjectType::kBlob, edit.content());
      checked.blob = std::make_shared<const Object>(
          Object{id, ObjectType::kBlob, std::move(*edit.mutable_content())});
    } else if (!edit.delete_()) {
      return InvalidArgument("BAD_EDIT", fmt::format("the edit of {} has neither content nor "
                                                     "delete: true",
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

absl::Status CheckLabelMoves(const v1::PublishRequest& request, ChangeRequest* change) {
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
    ASSIGN_OR_RETURN(*checked.mutable_targets(), NormalTargets(move.targets()));
  }
  return absl::OkStatus();
}

absl::Status CheckBranchRules(const ChangeRequest& change) {
  if (change.base_sequence < 0) {
    return InvalidArgument("BAD_BASE_SEQUENCE", fmt::format("base_sequence is {}; it is a "
                                                            "sequence from 1, or 0 for no check",
                                                            change.base_sequence));
  }
  if (change.branch.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckBranch(change.branch));
  if (change.branch == "main") {
    return InvalidArgument("BAD_BRANCH",
                           "branch \"main\" is served, not a draft; leave branch empty for it");
  }
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

// What the three kinds of request have in common.
template <class Request>
absl::Status CheckCommon(const Request& request, const std::string& caller, ChangeRequest* change) {
  RETURN_IF_ERROR(CheckRepositoryName(change->repository));
  RETURN_IF_ERROR(
      CheckText("BAD_DESCRIPTION", "description", request.description(), kMaxDescriptionBytes));
  change->description = request.description();
  change->caller = caller;
  change->author = request.author();
  if (change->author.empty()) change->author = caller.empty() ? "anonymous" : caller;
  RETURN_IF_ERROR(CheckAuthor(change->author));
  change->request_id = request.request_id();
  if (change->request_id.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(
      CheckLine("BAD_REQUEST_ID", "request_id", change->request_id, kMaxRequestIdBytes));
  // The requests have no maps, so equal requests are equal bytes.
  const Sha256Digest digest = Sha256(fmt::format("{}\n{}\n{}", request.GetTypeName(),
                                                 change->author, request.SerializeAsString()));
  change->request_digest.assign(digest.begin(), digest.end());
  return absl::OkStatus();
}

template <class Request>
absl::StatusOr<ChangeRequest> CheckLabelRequest(const Request& request, const std::string& caller,
                                                const v1::LabelTargets& targets) {
  ChangeRequest change;
  ASSIGN_OR_RETURN(LabelName name, LabelName::Parse(request.name()));
  change.repository = name.repository;
  RETURN_IF_ERROR(CheckCommon(request, caller, &change));
  v1::LabelMove& move = change.label_moves.emplace_back();
  move.set_prompt(name.prompt);
  move.set_label(name.label);
  ASSIGN_OR_RETURN(*move.mutable_targets(), NormalTargets(targets));
  if (!request.has_expected()) return change;
  ASSIGN_OR_RETURN(change.expected, NormalTargets(request.expected()));
  for (const auto& target : change.expected->targets()) {
    if (target.version() == 0) {
      return InvalidArgument("BAD_TARGETS", "expected names version 0; say the number");
    }
  }
  return change;
}

}  // namespace

size_t ChangeRequest::bytes() const {
  constexpr size_t kOverhead = 1'024;
  size_t bytes = kOverhead + description.size() + 256 * label_moves.size();
  for (const CheckedEdit& edit : edits) {
    bytes += kOverhead + edit.path.size() + (edit.blob == nullptr ? 0 : edit.blob->data.size());
  }
  return bytes;
}

absl::Status ChangeRequest::CheckWanted() const {
  if (stop == nullptr || !stop->stopped()) return absl::OkStatus();
  return Error(absl::StatusCode::kCancelled, "ABANDONED",
               "the caller went away before the change was made; nothing was changed");
}

absl::StatusOr<ChangeRequest> CheckRequest(v1::PublishRequest request, const std::string& caller) {
  ChangeRequest change;
  change.repository = request.repository();
  RETURN_IF_ERROR(CheckCommon(request, caller, &change));
  if (request.description().find_first_not_of(" \t\r\n") == std::string::npos) {
    return InvalidArgument("BAD_DESCRIPTION", "the description is empty; say what changed and why");
  }
  RETURN_IF_ERROR(CheckEdits(request, &change));
  RETURN_IF_ERROR(CheckLabelMoves(request, &change));
  change.branch = request.branch();
  change.base_sequence = request.base_sequence();
  change.validate_only = request.validate_only();
  RETURN_IF_ERROR(CheckBranchRules(change));
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

void SortDiagnostics(std::vector<v1::Diagnostic>* diagnostics) {
  const auto key = [](const v1::Diagnostic& d) {
    return std::tuple(std::string_view(d.path()), d.line(), d.column(), std::string_view(d.code()),
                      std::string_view(d.message()));
  };
  std::sort(diagnostics->begin(), diagnostics->end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  diagnostics->erase(std::unique(diagnostics->begin(), diagnostics->end(),
                                 [&](const auto& a, const auto& b) { return key(a) == key(b); }),
                     diagnostics->end());
}

absl::Status RefuseFiles(std::vector<v1::Diagnostic> diagnostics) {
  std::erase_if(diagnostics,
                [](const auto& d) { return d.severity() != v1::Diagnostic::SEVERITY_ERROR; });
  SortDiagnostics(&diagnostics);
  if (diagnostics.size() > kMaxErrorsTold) diagnostics.resize(kMaxErrorsTold);
  return DiagnosticsToStatus(diagnostics);
}

}  // namespace colophon
