// drafts

#include <memory>
#include <string>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/draft_rebase.h"
#include "client/cli/git.h"
#include "client/cli/pages.h"
#include "client/cli/publish_plan.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/cli/working_folder.h"
#include "fmt/format.h"

namespace colophon {
namespace {

struct DraftsOptions {
  std::string branch;
  std::string repository;
  bool drop = false;
  bool rebase = false;
  std::vector<std::string> take;
};

// "triage, review/code and 3 more"
std::string PromptsText(const v1::Draft& draft) {
  constexpr int kMostTold = 3;
  std::string text;
  for (int i = 0; i < std::min(draft.prompts_size(), kMostTold); ++i) {
    text += (i == 0 ? "" : ", ") + draft.prompts(i);
  }
  if (draft.prompts_size() > kMostTold) {
    text += fmt::format(" and {} more", draft.prompts_size() - kMostTold);
  }
  return text.empty() ? Count(draft.path_count(), "file", "files") : text;
}

absl::Status List(const Output& out, const Client& client, const std::string& repository) {
  v1::ListDraftsRequest request;
  request.set_repository(repository);
  ASSIGN_OR_RETURN(const auto response, ReadPages(client, &Client::ListDrafts, request, 0,
                                                  &v1::ListDraftsResponse::mutable_drafts));
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  Table table({"DRAFT", "BEGAN AT", "MOVED", "COMMIT", "AUTHOR", "PROMPTS"});
  table.SetStyle(0, Style::kBold);
  table.SetWhole(0);
  for (const v1::Draft& draft : response.drafts()) {
    table.Add({draft.branch(), fmt::format("change {}", draft.base_sequence()),
               out.ShortTime(draft.update_time()), ShortCommit(draft.commit()), draft.author(),
               PromptsText(draft)});
  }
  table.Print(out);
  if (response.drafts().empty()) out.Note("no drafts in " + repository);
  return absl::OkStatus();
}

absl::Status Show(const Output& out, const Client& client, const std::string& repository,
                  const std::string& branch) {
  ASSIGN_OR_RETURN(const DraftFiles draft, GetDraftFiles(client, repository, branch));
  ASSIGN_OR_RETURN(const RemoteFiles now, GetRemoteFiles(client, repository, std::nullopt));
  out.Field("draft", branch);
  out.Field("commit", draft.files.commit);
  out.Field("began at", fmt::format("change {}", draft.base.sequence));
  out.Field("main is at", fmt::format("change {}", now.sequence));
  for (const FileDifference& difference : CompareFiles(draft.base.files, draft.files.files)) {
    const auto text = [&](const FileMap& files) -> std::optional<std::string_view> {
      const auto found = files.find(difference.path);
      if (found == files.end()) return std::nullopt;
      return found->second;
    };
    ASSIGN_OR_RETURN(const std::string diff,
                     DiffTexts(difference.path, text(draft.base.files), text(draft.files.files)));
    out.Write(out.Safe(diff));
  }
  return absl::OkStatus();
}

absl::Status Drop(const Output& out, const Client& client, const std::string& repository,
                  const std::string& branch) {
  v1::DeleteDraftRequest request;
  request.set_repository(repository);
  request.set_branch(branch);
  ASSIGN_OR_RETURN(const auto response, client.DeleteDraft(request));
  if (out.json()) {
    out.Json(response);
  } else {
    out.Line(fmt::format("dropped {}; what it said is still there by commit {}", branch,
                         ShortCommit(response.commit())));
  }
  return absl::OkStatus();
}

absl::Status Rebase(const Session& session, const Client& client,
                    const std::optional<WorkingFolder>& folder, const std::string& repository,
                    const DraftsOptions& options) {
  const Output& out = session.output();
  const std::string branch = DraftName(options.branch);
  ASSIGN_OR_RETURN(const FileMap taken, ReadTaken(folder, options.take));
  ASSIGN_OR_RETURN(const RebasedDraft rebased, RebaseDraft(client, repository, branch, taken));
  if (!rebased.conflicts.empty()) {
    for (const PulledFile& conflict : rebased.conflicts) {
      out.Line(out.Styled(Style::kRed, out.Safe("conflict in " + conflict.path)));
      if (conflict.content) out.Write(out.Safe(*conflict.content));
    }
    return Aborted(
        "MERGE_CONFLICT",
        fmt::format("{} and main both changed {}, as marked above; nothing was moved: write what "
                    "each is to be in your working folder, and name them with --take",
                    branch, Count(std::ssize(rebased.conflicts), "file", "files")));
  }
  if (out.json()) {
    out.Json(rebased.response);
    return absl::OkStatus();
  }
  if (rebased.from == rebased.to) {
    out.Line(fmt::format("{} begins at change {}, which is main's newest", branch, rebased.to));
  } else if (!rebased.response.has_change()) {
    out.Line(fmt::format("main has all that {} changes: drop it with --drop", branch));
  } else {
    out.Line(fmt::format("{} begins at change {} now, it began at {}; commit {}", branch,
                         rebased.to, rebased.from,
                         ShortCommit(rebased.response.change().commit())));
  }
  return absl::OkStatus();
}

absl::Status Drafts(const Session& session, const DraftsOptions& options) {
  const Output& out = session.output();
  ASSIGN_OR_RETURN(const auto folder, FindWorkingFolder(std::filesystem::path(".")));
  const std::string repository =
      options.repository.empty() && folder ? folder->repository : options.repository;
  if (repository.empty()) {
    return InvalidArgument("NO_REPOSITORY",
                           "say which repository with -r NAME, or stand in a working folder");
  }
  const std::string branch = DraftName(options.branch);
  const Client client = session.NewClient();
  if (branch.empty() && (options.drop || options.rebase)) {
    return InvalidArgument("BAD_USAGE", "--drop and --rebase want the draft's name");
  }
  if (branch.empty()) return List(out, client, repository);
  if (options.rebase) return Rebase(session, client, folder, repository, options);
  return options.drop ? Drop(out, client, repository, branch)
                      : Show(out, client, repository, branch);
}

}  // namespace

void AddDraftCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<DraftsOptions>();
  CLI::App* command = session->AddCommand(app, "drafts", "List drafts, show, rebase or drop one",
                                          [=] { return Drafts(*session, *options); });
  command->add_option("NAME", options->branch, "shorter: what it changes since it began");
  command->add_option("-r,--repository", options->repository, "Outside of a working folder")
      ->type_name("REPO");
  CLI::Option* const drop = command->add_flag(
      "--drop", options->drop, "Drop it; its commits stay for records that name them");
  CLI::Option* const rebase =
      command
          ->add_flag("--rebase", options->rebase,
                     "Let it begin at main's newest change, with what it changes merged into that")
          ->excludes(drop);
  command
      ->add_option("--take", options->take,
                   "With --rebase: this file is to be as the working folder has it")
      ->needs(rebase)
      ->type_name("FILE")
      ->allow_extra_args(false);
}

}  // namespace colophon
