#include "client/cli/publish_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client/cli/draft_files.h"
#include "client/cli/text.h"
#include "fmt/format.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

absl::Status NoRepositoryGiven() {
  return InvalidArgument("NO_REPOSITORY",
                         "say which repository with -r NAME, or make a working folder with "
                         "`colophon init NAME DIR`");
}

absl::Status CheckKinds(const std::vector<LocalFile>& files, bool any_file) {
  for (const LocalFile& file : files) {
    if (any_file || IsFolderFile(file.path)) continue;
    return InvalidArgument(
        "OTHER_KIND",
        fmt::format("\"{}\" is no .prompt, .labels.yaml, .schema.json or .tool.json file, and what "
                    "is published stays for ever; say --any-file if it is to be there",
                    file.path));
  }
  return absl::OkStatus();
}

absl::Status CheckMarks(const std::vector<PlannedEdit>& edits) {
  for (const PlannedEdit& edit : edits) {
    if (!edit.content || !HasConflictMarks(*edit.content)) continue;
    return InvalidArgument("CONFLICT_MARKS",
                           fmt::format("\"{}\" has the marks of a conflict, <<<<<<< and >>>>>>>; "
                                       "choose what it is to say, then publish",
                                       edit.path));
  }
  return absl::OkStatus();
}

// Prompts whose own file was named itself, not found in a folder.
std::vector<std::string> NamedPrompts(const std::vector<std::string>& paths,
                                      const std::vector<LocalFile>& files) {
  std::set<std::string> names;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) names.insert(fs::path(path).filename().string());
  }
  std::vector<std::string> prompts;
  for (const LocalFile& file : files) {
    if (!names.contains(fs::path(file.path).filename().string())) continue;
    if (std::string prompt = PromptOfFile(file.path); !prompt.empty()) {
      prompts.push_back(std::move(prompt));
    }
  }
  return prompts;
}

// What of the repository the paths mean: whole folders and files.
class Scope {
 public:
  static absl::StatusOr<Scope> Of(const WorkingFolder& folder,
                                  const std::vector<std::string>& paths) {
    Scope scope;
    for (const std::string& path : paths) {
      if (AbsolutePath(path) == folder.root) return Scope();
      ASSIGN_OR_RETURN(std::string name, folder.PathOf(path));
      scope.names_.push_back(std::move(name));
    }
    return scope;
  }

  bool Holds(const std::string& path) const {
    return names_.empty() || std::any_of(names_.begin(), names_.end(), [&](const auto& name) {
             return path == name || path.starts_with(name + "/");
           });
  }

 private:
  std::vector<std::string> names_;  // Empty: everything.
};

// What the folder's edits are compared with: main as it was, or a draft as it is.
absl::StatusOr<FileMap> FilesToCompare(const Client& client, const WorkingFolder& folder,
                                       int64_t base, const std::string& branch,
                                       std::optional<int64_t>* draft_base) {
  if (!branch.empty()) {
    v1::GetFilesRequest request;
    request.set_repository(folder.repository);
    request.set_branch(branch);
    auto draft = GetRemoteFiles(client, std::move(request));
    if (draft.ok() && draft->sequence > base) {
      return FailedPrecondition(
          "STALE_FOLDER", fmt::format("draft \"{}\" began at change {} and this folder stands on "
                                      "{}; run `colophon pull`",
                                      branch, draft->sequence, base));
    }
    if (draft.ok()) {
      *draft_base = draft->sequence;
      return std::move(draft->files);
    }
    if (ReasonOf(draft.status()) != "BRANCH_NOT_FOUND") return draft.status();
  }
  ASSIGN_OR_RETURN(RemoteFiles remote, GetRemoteFiles(client, folder.repository, base));
  return std::move(remote.files);
}

// A folder without a base never saw what is there.
absl::StatusOr<int64_t> BaseOf(const Client& client, const WorkingFolder& folder) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> base, ReadBase(folder));
  if (base.value_or(0) > 0) return *base;
  v1::GetFilesRequest request;
  request.set_repository(folder.repository);
  request.set_page_size(1);
  request.set_omit_content(true);
  ASSIGN_OR_RETURN(const auto there, client.GetFiles(request));
  if (there.sequence() == 0) return 0;
  return FailedPrecondition(
      "NO_BASE", fmt::format("this folder never pulled {}, which is at change {}; run `colophon "
                             "pull` first, it loses nothing of yours",
                             folder.repository, there.sequence()));
}

// A draft that is new begins at main as it is, which must not be newer than the folder
// where the folder has edits.
absl::Status CheckDraftIsFresh(const Client& client, const PublishPlan& plan,
                               const std::string& branch) {
  if (branch.empty()) return absl::OkStatus();
  std::set<std::string> paths;
  for (const PlannedEdit& edit : plan.edits) paths.insert(edit.path);
  ASSIGN_OR_RETURN(const auto changed, ChangesSince(client, plan.repository, plan.base, paths));
  if (changed.empty()) return absl::OkStatus();
  return FailedPrecondition(
      "STALE_FOLDER",
      fmt::format("{}, which this folder doesn't have; run `colophon pull`", changed[0]));
}

// Of files as they were named: what stands there now.
absl::Status AddBefore(const Client& client, const std::string& branch, PublishPlan* plan) {
  v1::GetFilesRequest request;
  request.set_repository(plan->repository);
  if (!branch.empty()) request.set_branch(branch);
  auto remote = GetRemoteFiles(client, request);
  if (ReasonOf(remote.status()) == "BRANCH_NOT_FOUND") {
    remote = GetRemoteFiles(client, plan->repository, std::nullopt);
  }
  RETURN_IF_ERROR(remote.status());
  for (PlannedEdit& edit : plan->edits) {
    if (const auto there = remote->files.find(edit.path); there != remote->files.end()) {
      edit.before = std::move(there->second);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<PublishPlan> PlanFolder(const Client& client, const WorkingFolder& folder,
                                       const PublishOptions& options) {
  PublishPlan plan;
  plan.repository = folder.repository;
  plan.folder = folder;
  ASSIGN_OR_RETURN(const int64_t stands_on, BaseOf(client, folder));
  plan.base = options.base.value_or(stands_on);
  ASSIGN_OR_RETURN(const Scope scope, Scope::Of(folder, options.paths));
  const std::vector<std::string> everything = {folder.root.string()};
  absl::StatusOr<std::vector<LocalFile>> files =
      ReadTree(options.paths.empty() ? everything : options.paths,
               {.root = folder.root.string(), .prefix = ""});
  if (!files.ok() && ReasonOf(files.status()) != "NO_FILES") return files.status();
  if (!files.ok()) files = std::vector<LocalFile>();
  RETURN_IF_ERROR(CheckKinds(*files, options.any_file));
  plan.prompts = NamedPrompts(options.paths, *files);
  ASSIGN_OR_RETURN(FileMap before,
                   FilesToCompare(client, folder, stands_on, options.branch, &plan.draft_base));
  std::set<std::string> here;
  for (LocalFile& file : *files) {
    here.insert(file.path);
    const auto there = before.find(file.path);
    if (there == before.end()) {
      plan.edits.push_back({file.path, std::nullopt, std::move(file.content)});
    } else if (there->second != file.content) {
      plan.edits.push_back({file.path, there->second, std::move(file.content)});
    }
  }
  for (auto& [path, content] : before) {
    if (here.contains(path) || !IsFolderFile(path) || !scope.Holds(path)) continue;
    if (options.prune) {
      plan.edits.push_back({path, std::move(content), std::nullopt});
    } else {
      plan.missing.push_back(path);
    }
  }
  std::sort(plan.edits.begin(), plan.edits.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  RETURN_IF_ERROR(CheckDraftIsFresh(client, plan, options.branch));
  return plan;
}

// What the draft differs in from where it began.
absl::StatusOr<PublishPlan> PlanPromotion(const Client& client,
                                          const std::optional<WorkingFolder>& folder,
                                          const PublishOptions& options) {
  PublishPlan plan;
  plan.folder = folder;
  plan.repository = folder ? folder->repository : options.repository;
  if (plan.repository.empty()) return NoRepositoryGiven();
  ASSIGN_OR_RETURN(const DraftFiles draft,
                   GetDraftFiles(client, plan.repository, DraftName(options.from)));
  plan.base = draft.base.sequence;
  plan.draft_commit = draft.files.commit;
  for (const FileDifference& difference : CompareFiles(draft.base.files, draft.files.files)) {
    PlannedEdit& edit = plan.edits.emplace_back();
    edit.path = difference.path;
    const auto before = draft.base.files.find(edit.path);
    if (before != draft.base.files.end()) edit.before = before->second;
    const auto after = draft.files.files.find(edit.path);
    if (after != draft.files.files.end()) edit.content = after->second;
  }
  return plan;
}

}  // namespace

std::string DraftName(const std::string& text) {
  constexpr std::string_view kHeads = "heads/";
  return text.starts_with(kHeads) ? text.substr(kHeads.size()) : text;
}

absl::StatusOr<std::optional<WorkingFolder>> FolderOf(const PublishOptions& options) {
  if (!options.tree.root.empty() || !options.tree.prefix.empty()) {
    return std::optional<WorkingFolder>();
  }
  ASSIGN_OR_RETURN(auto folder, FindWorkingFolder(options.paths));
  if (folder && !options.repository.empty() && options.repository != folder->repository) {
    return InvalidArgument(
        "WRONG_REPOSITORY",
        fmt::format("\"{}\" is a working folder of {}, and -r says {}; with --root DIR it is taken "
                    "as any folder",
                    folder->root.string(), folder->repository, options.repository));
  }
  return folder;
}

absl::StatusOr<PublishPlan> PlanPublish(const Client& client,
                                        const std::optional<WorkingFolder>& folder,
                                        const PublishOptions& options) {
  PublishPlan plan;
  if (!options.from.empty()) {
    ASSIGN_OR_RETURN(plan, PlanPromotion(client, folder, options));
  } else if (folder) {
    ASSIGN_OR_RETURN(plan, PlanFolder(client, *folder, options));
  } else {
    if (options.repository.empty()) return NoRepositoryGiven();
    if (options.paths.empty()) {
      return InvalidArgument("NO_PATH", "name the files or folders to publish");
    }
    if (options.prune) {
      return InvalidArgument("NO_FOLDER",
                             "--prune is for a working folder, which knows what was there; "
                             "elsewhere use `colophon rm`");
    }
    plan.repository = options.repository;
    plan.base = options.base.value_or(0);
    ASSIGN_OR_RETURN(std::vector<LocalFile> files, ReadTree(options.paths, options.tree));
    RETURN_IF_ERROR(CheckKinds(files, options.any_file));
    for (LocalFile& file : files) {
      if (std::string prompt = PromptOfFile(file.path); !prompt.empty()) {
        plan.prompts.push_back(std::move(prompt));
      }
      plan.edits.push_back({std::move(file.path), std::nullopt, std::move(file.content)});
    }
    if (options.diff) RETURN_IF_ERROR(AddBefore(client, options.branch, &plan));
  }
  RETURN_IF_ERROR(CheckMarks(plan.edits));
  return plan;
}

absl::StatusOr<std::vector<std::string>> ChangesSince(const Client& client,
                                                      const std::string& repository, int64_t base,
                                                      const std::set<std::string>& paths) {
  std::vector<std::string> lines;
  v1::ListChangesRequest request;
  request.set_name(repository);
  while (true) {
    ASSIGN_OR_RETURN(const auto page, client.ListChanges(request));
    for (const v1::Change& change : page.changes()) {
      if (change.sequence() <= base) return lines;
      for (const std::string& path : change.paths()) {
        if (!paths.contains(path)) continue;
        lines.push_back(fmt::format("change {} by {} touched {}: {}", change.sequence(),
                                    change.author(), path, FirstLine(change.description())));
      }
    }
    if (page.next_page_token().empty()) return lines;
    request.set_page_token(page.next_page_token());
  }
}

}  // namespace colophon
