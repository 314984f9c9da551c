#include "client/cli/draft_rebase.h"

#include <algorithm>
#include <utility>

#include "client/cli/local_file.h"
#include "fmt/format.h"

namespace colophon {
namespace {

// What the newest commit of a draft says, and those before it, which become one.
absl::Status Describe(const Client& client, const std::string& branch,
                      v1::PublishRequest* request) {
  constexpr size_t kMostBytes = 4'096;  // Of a description.
  v1::ListChangesRequest list;
  list.set_name(request->repository());
  list.set_branch(branch);
  ASSIGN_OR_RETURN(const auto page, client.ListChanges(list));
  std::string description;
  for (const v1::Change& change : page.changes()) {
    if (description.size() + change.description().size() + 1 > kMostBytes) break;
    description += (description.empty() ? "" : "\n") + change.description();
  }
  if (description.empty()) description = "Rebase " + branch;
  request->set_description(description);
  if (!page.changes().empty()) request->set_author(page.changes(0).author());
  return absl::OkStatus();
}

void Put(const PulledFile& file, FileMap* files) {
  if (file.content) {
    (*files)[file.path] = *file.content;
  } else {
    files->erase(file.path);
  }
}

}  // namespace

absl::StatusOr<RebasedDraft> RebaseDraft(const Client& client, const std::string& repository,
                                         const std::string& branch, const FileMap& taken) {
  ASSIGN_OR_RETURN(const DraftFiles draft, GetDraftFiles(client, repository, branch));
  ASSIGN_OR_RETURN(const RemoteFiles now, GetRemoteFiles(client, repository, std::nullopt));
  RebasedDraft rebased{.from = draft.base.sequence, .to = now.sequence};
  if (rebased.from == rebased.to) return rebased;
  ASSIGN_OR_RETURN(const std::vector<PulledFile> merged,
                   MergeFiles(draft.base.files, draft.files.files, now.files,
                              fmt::format("{} change {}", repository, now.sequence)));
  FileMap files = draft.files.files;
  for (const PulledFile& file : merged) {
    if (const auto found = taken.find(file.path); found != taken.end()) {
      files[file.path] = found->second;
    } else if (file.is_conflict()) {
      rebased.conflicts.push_back(file);
    } else {
      Put(file, &files);
    }
  }
  if (!rebased.conflicts.empty()) return rebased;

  v1::PublishRequest request;
  request.set_repository(repository);
  request.set_branch(branch);
  request.set_replaced_commit(draft.files.commit);
  RETURN_IF_ERROR(Describe(client, branch, &request));
  for (const FileDifference& difference : CompareFiles(now.files, files)) {
    v1::FileEdit* const edit = request.add_edits();
    edit->set_path(difference.path);
    if (difference.kind == FileDifference::Kind::kDeleted) {
      edit->set_remove(true);
    } else {
      edit->set_content(files.at(difference.path));
    }
  }
  ASSIGN_OR_RETURN(rebased.response, client.Publish(request));
  return rebased;
}

absl::StatusOr<FileMap> ReadTaken(const std::optional<WorkingFolder>& folder,
                                  const std::vector<std::string>& files) {
  FileMap taken;
  for (const std::string& file : files) {
    if (!folder) {
      return InvalidArgument("NO_FOLDER", "--take wants a working folder, whose file it is");
    }
    ASSIGN_OR_RETURN(const std::string path, folder->PathOf(file));
    ASSIGN_OR_RETURN(std::string content, ReadInput(file));
    if (HasConflictMarks(content)) {
      return InvalidArgument("CONFLICT_MARKS",
                             fmt::format("\"{}\" still has the marks of a conflict", file));
    }
    taken[path] = std::move(content);
  }
  return taken;
}

}  // namespace colophon
