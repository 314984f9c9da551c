#include "service/registry/drafts.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/git/tree_diff.h"
#include "service/registry/page.h"
#include "service/store/change_pages.h"

namespace colophon {
namespace {

// So many paths, and prompts, of a draft are told.
constexpr size_t kMostTold = 100;
// Commits that one call reads to see where drafts began.
constexpr int kMaxCommitsRead = 10'000;

absl::StatusOr<ObjectId> RootOf(ObjectReader& objects, const ObjectId& commit) {
  if (commit.is_zero()) return ObjectId();
  ASSIGN_OR_RETURN(const CommitFields fields, ReadCommit(objects, commit));
  return fields.tree;
}

// What main's prompts use besides their own file.
using PromptRows = std::vector<PromptRow>;

std::set<std::string> PromptsOf(const std::vector<TreeDifference>& files, const PromptRows& rows) {
  std::set<std::string> prompts;
  std::set<std::string> others;
  for (const TreeDifference& file : files) {
    if (KindOfFile(file.path) == FileKind::kPrompt) {
      prompts.insert(file.path.substr(0, file.path.rfind(".prompt")));
    } else {
      others.insert(file.path);
    }
  }
  for (const PromptRow& row : rows) {
    const bool uses_one =
        std::any_of(row.dependencies.begin(), row.dependencies.end(),
                    [&](const std::string& path) { return others.contains(path); });
    if (!row.archived && uses_one) prompts.insert(row.prompt);
  }
  return prompts;
}

// A commit of a draft as a change without a number.
absl::StatusOr<v1::Change> ChangeOf(ObjectReader& objects, const ObjectId& id,
                                    const CommitFields& commit, const ObjectId& parent) {
  v1::Change change;
  change.set_commit(id.hex());
  change.set_author(commit.author);
  change.set_description(commit.message);
  *change.mutable_change_time() = ToProto(commit.time);
  ASSIGN_OR_RETURN(const ObjectId before, RootOf(objects, parent));
  ASSIGN_OR_RETURN(const auto files, DiffTrees(objects, before, commit.tree));
  for (const TreeDifference& file : files) change.add_paths(file.path);
  return change;
}

}  // namespace

absl::StatusOr<DraftBase> FindDraftBase(Store* store, const std::string& repository,
                                        const ObjectId& head) {
  StoredObjects objects(store, nullptr, repository);
  DraftBase base{.sequence = 0, .commit = head, .commits = 0};
  while (!base.commit.is_zero()) {
    const absl::StatusOr<int64_t> sequence = store->FindSequence(repository, base.commit);
    if (sequence.ok()) {
      base.sequence = *sequence;
      return base;
    }
    if (sequence.status().code() != absl::StatusCode::kNotFound) return sequence.status();
    ASSIGN_OR_RETURN(const CommitFields fields, ReadCommit(objects, base.commit));
    base.commit = fields.parents.empty() ? ObjectId() : fields.parents[0];
    ++base.commits;
  }
  return base;
}

absl::StatusOr<v1::ListDraftsResponse> Drafts::ListDrafts(const v1::ListDraftsRequest& request,
                                                          const Call& call) {
  const std::string& repository = request.repository();
  RETURN_IF_ERROR(CheckRepositoryName(repository));
  const std::string list = "drafts " + repository;
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string after, ReadPageToken(list, request.page_token()));
  ASSIGN_OR_RETURN(const auto branches, catalog_->ListDrafts(repository, after, page_size + 1));

  StoredObjects objects(store_, nullptr, repository);
  PromptRows rows;
  if (!branches.empty()) {
    ASSIGN_OR_RETURN(rows, store_->ListPrompts(repository));
  }
  Page<v1::Draft> page(page_size);
  int commits_read = 0;
  auto next = branches.begin();
  for (; next != branches.end() && commits_read < kMaxCommitsRead; ++next) {
    RETURN_IF_ERROR(CheckWanted(call));
    const auto& [branch, head] = *next;
    ASSIGN_OR_RETURN(const CommitFields commit, ReadCommit(objects, head));
    ASSIGN_OR_RETURN(const DraftBase base, FindDraftBase(store_, repository, head));
    commits_read += base.commits;
    ASSIGN_OR_RETURN(const ObjectId base_root, RootOf(objects, base.commit));
    ASSIGN_OR_RETURN(const auto files, DiffTrees(objects, base_root, commit.tree));
    v1::Draft draft;
    draft.set_repository(repository);
    draft.set_branch(branch);
    draft.set_commit(head.hex());
    draft.set_author(commit.author);
    draft.set_description(commit.message);
    *draft.mutable_update_time() = ToProto(commit.time);
    draft.set_base_sequence(base.sequence);
    draft.set_path_count(static_cast<int32_t>(files.size()));
    for (size_t i = 0; i < std::min(files.size(), kMostTold); ++i) draft.add_paths(files[i].path);
    for (const std::string& prompt : PromptsOf(files, rows)) {
      if (draft.prompts_size() == static_cast<int>(kMostTold)) break;
      draft.add_prompts(prompt);
    }
    if (!page.Add(std::move(draft))) break;
  }
  v1::ListDraftsResponse response;
  if (next != branches.end()) {
    response.set_next_page_token(MakePageToken(list, page.items().back().branch()));
  }
  std::move(page).MoveTo(response.mutable_drafts());
  return response;
}

// A position in the list is the commit that comes next.
absl::StatusOr<v1::ListChangesResponse> Drafts::ListChanges(const v1::ListChangesRequest& request,
                                                            const Call& call) {
  ASSIGN_OR_RETURN(const ScopeName scope, ScopeName::Parse(request.name()));
  const std::string& repository = scope.repository;
  const std::string list = fmt::format("changes {} of {}", request.name(), request.branch());
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string from, ReadPageToken(list, request.page_token()));
  ASSIGN_OR_RETURN(ObjectId next, catalog_->FindBranch(repository, request.branch()));
  if (const auto commit = ObjectId::FromHex(from)) next = *commit;
  ASSIGN_OR_RETURN(const DraftBase base, FindDraftBase(store_, repository, next));

  StoredObjects objects(store_, nullptr, repository);
  const std::string path = scope.rest.empty() ? "" : scope.rest + ".prompt";
  Page<v1::Change> page(page_size);
  for (int read = 0; next != base.commit && page.room() > 0 && read < kMaxCommitsRead; ++read) {
    RETURN_IF_ERROR(CheckWanted(call));
    ASSIGN_OR_RETURN(const CommitFields commit, ReadCommit(objects, next));
    const ObjectId parent = commit.parents.empty() ? ObjectId() : commit.parents[0];
    ASSIGN_OR_RETURN(v1::Change change, ChangeOf(objects, next, commit, parent));
    const auto& paths = change.paths();
    if (path.empty() || std::find(paths.begin(), paths.end(), path) != paths.end()) {
      change.set_repository(repository);
      change.set_branch(request.branch());
      if (!page.Add(CutToPage(std::move(change)))) break;
    }
    next = parent;
  }
  v1::ListChangesResponse response;
  if (next != base.commit) response.set_next_page_token(MakePageToken(list, next.hex()));
  std::move(page).MoveTo(response.mutable_changes());
  return response;
}

}  // namespace colophon
