#include "service/registry/queries.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/registry/page.h"
#include "service/registry/version_diff.h"
#include "service/store/change_pages.h"

namespace colophon {
namespace {

// How far one ListChanges call looks back for the changes of one prompt, and how
// much it reads for that.
constexpr int kMaxChangesSearched = 10'000;
constexpr size_t kMaxBytesSearched = 16 << 20;
constexpr int kChangesRead = 256;
// How many prompts one ListPrompts call asks whether they use a file.
constexpr int kMaxPromptsSearched = 10'000;
// Rows read at a time.
constexpr int kRowsRead = 100;

bool Names(const v1::Change& page, const std::string& prompt) {
  const auto names_it = [&](const auto& item) { return item.prompt() == prompt; };
  return std::any_of(page.versions().begin(), page.versions().end(), names_it) ||
         std::any_of(page.label_moves().begin(), page.label_moves().end(), names_it) ||
         std::find(page.archived_prompts().begin(), page.archived_prompts().end(), prompt) !=
             page.archived_prompts().end();
}

// The part of a prompt's or label's name after the repository.
std::string AfterSlash(const std::string& name) { return name.substr(name.find('/') + 1); }

}  // namespace

absl::StatusOr<v1::ListRepositoriesResponse> Queries::ListRepositories(
    const v1::ListRepositoriesRequest& request, const Call& call) {
  const std::string list = "repositories";
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string after, ReadPageToken(list, request.page_token()));
  Page<v1::Repository> page(page_size);
  const auto is_seen = [&](std::string_view repository) {
    return CheckSomeRight(call, Right::kRead, repository).ok();
  };
  catalog_->ListRepositories(after, is_seen, &page);
  v1::ListRepositoriesResponse response;
  if (page.has_more()) {
    response.set_next_page_token(MakePageToken(list, page.items().back().name()));
  }
  std::move(page).MoveTo(response.mutable_repositories());
  return response;
}

absl::StatusOr<v1::GetPromptResponse> Queries::GetPrompt(const v1::GetPromptRequest& request,
                                                         const Call&) {
  ASSIGN_OR_RETURN(const PromptName name, PromptName::Parse(request.name()));
  v1::GetPromptResponse response;
  ASSIGN_OR_RETURN(*response.mutable_prompt(), catalog_->GetPrompt(name.repository, name.prompt));
  return response;
}

absl::StatusOr<v1::ListPromptsResponse> Queries::ListPrompts(const v1::ListPromptsRequest& request,
                                                             const Call& call) {
  ASSIGN_OR_RETURN(const ScopeName scope, ScopeName::ParsePrefix(request.name()));
  const std::string list = fmt::format("prompts {} {} {}", request.name(),
                                       request.show_archived() ? "archived" : "", request.uses());
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string after, ReadPageToken(list, request.page_token()));
  Page<v1::Prompt> page(page_size);
  std::string searched;
  if (request.uses().empty()) {
    RETURN_IF_ERROR(
        catalog_->ListPrompts(scope.repository, scope.rest, request.show_archived(), after, &page));
  } else {
    ASSIGN_OR_RETURN(searched, ListUsers(scope, request, call, after, &page));
  }
  v1::ListPromptsResponse response;
  if (page.has_more()) {
    response.set_next_page_token(MakePageToken(list, AfterSlash(page.items().back().name())));
  } else if (!searched.empty()) {
    response.set_next_page_token(MakePageToken(list, searched));
  }
  std::move(page).MoveTo(response.mutable_prompts());
  return response;
}

absl::StatusOr<std::string> Queries::ListUsers(const ScopeName& scope,
                                               const v1::ListPromptsRequest& request,
                                               const Call& call, std::string after,
                                               Page<v1::Prompt>* page) {
  RETURN_IF_ERROR(CheckFilePath(request.uses()));
  RETURN_IF_ERROR(catalog_->Sequence(scope.repository).status());
  for (int searched = 0; searched < kMaxPromptsSearched;) {
    RETURN_IF_ERROR(CheckWanted(call));
    const int wanted = std::clamp(page->room() + 1, 16, kRowsRead);
    ASSIGN_OR_RETURN(const auto rows, store_->ListPrompts(scope.repository, after, wanted));
    for (const PromptRow& row : rows) {
      after = row.prompt;
      if (!row.prompt.starts_with(scope.rest)) {
        if (row.prompt > scope.rest) return "";  // Beyond all that begin so.
        continue;
      }
      if (!std::binary_search(row.dependencies.begin(), row.dependencies.end(), request.uses())) {
        continue;
      }
      absl::StatusOr<v1::Prompt> prompt = catalog_->GetPrompt(scope.repository, row.prompt);
      if (absl::IsNotFound(prompt.status())) continue;  // The store is ahead of what is served.
      RETURN_IF_ERROR(prompt.status());
      if (prompt->archived() && !request.show_archived()) continue;
      if (!page->Add(*std::move(prompt))) return "";
    }
    if (std::ssize(rows) < wanted) return "";
    searched += wanted;
  }
  return after;
}

absl::StatusOr<v1::ListVersionsResponse> Queries::ListVersions(
    const v1::ListVersionsRequest& request, const Call&) {
  ASSIGN_OR_RETURN(const PromptName name, PromptName::Parse(request.name()));
  const std::string list = "versions " + request.name();
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(int64_t before, ReadPageNumber(list, request.page_token()));
  ASSIGN_OR_RETURN(const v1::Prompt prompt, catalog_->GetPrompt(name.repository, name.prompt));
  // The store may be ahead of what is served.
  if (before == 0) before = int64_t{prompt.latest_version()} + 1;
  Page<v1::Version> page(page_size);
  while (before > 1 && !page.has_more()) {
    ASSIGN_OR_RETURN(auto versions, store_->ListVersions(name.repository, name.prompt,
                                                         static_cast<uint32_t>(before),
                                                         std::min(page.room() + 1, kRowsRead)));
    if (versions.empty()) break;
    before = versions.back().version();
    for (v1::Version& version : versions) {
      if (!page.Add(std::move(version))) break;
    }
  }
  v1::ListVersionsResponse response;
  if (page.has_more()) {
    response.set_next_page_token(
        MakePageToken(list, std::to_string(page.items().back().version())));
  }
  std::move(page).MoveTo(response.mutable_versions());
  return response;
}

absl::StatusOr<v1::DiffVersionsResponse> Queries::DiffVersions(
    const v1::DiffVersionsRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(const ReferenceView before_name, ReferenceView::Parse(request.before()));
  ASSIGN_OR_RETURN(const ReferenceView after_name, ReferenceView::Parse(request.after()));
  ASSIGN_OR_RETURN(const Resolution before, resolver_->Resolve(before_name, {}));
  ASSIGN_OR_RETURN(const Resolution after, resolver_->Resolve(after_name, {}));
  return DiffLoadedVersions(*before.loaded, *after.loaded, call);
}

absl::Status Queries::ListLabelsAt(const ScopeName& scope, int64_t sequence, LabelRange range,
                                   Page<v1::Label>* page) {
  ASSIGN_OR_RETURN(const int64_t newest, catalog_->Sequence(scope.repository));
  if (sequence < 0) {
    return InvalidArgument("BAD_MOMENT", fmt::format("at_sequence is {}; it is a sequence from 1, "
                                                     "or 0 for now",
                                                     sequence));
  }
  if (sequence > newest) {
    return Error(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE",
                 fmt::format("sequence {} is not past; the newest change of {} is {}", sequence,
                             scope.repository, newest));
  }
  if (!scope.rest.empty()) {
    RETURN_IF_ERROR(catalog_->CheckPromptExists(scope.repository, scope.rest));
  }
  range.limit = page->room() + 1;
  ASSIGN_OR_RETURN(auto labels, store_->ListLabels(scope.repository, scope.rest, sequence, range));
  for (v1::Label& label : labels) {
    if (!page->Add(std::move(label))) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ListLabelsResponse> Queries::ListLabels(const v1::ListLabelsRequest& request,
                                                           const Call&) {
  ASSIGN_OR_RETURN(const ScopeName scope, ScopeName::Parse(request.name()));
  const std::string list = fmt::format("labels {} {}", request.name(), request.at_sequence());
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string position, ReadPageToken(list, request.page_token()));
  LabelRange range;
  if (const size_t at = position.find('@'); at != position.npos) {
    range.after_prompt = position.substr(0, at);
    range.after_label = position.substr(at + 1);
  }
  Page<v1::Label> page(page_size);
  RETURN_IF_ERROR(request.at_sequence() == 0
                      ? catalog_->ListLabels(scope.repository, scope.rest, range.after_prompt,
                                             range.after_label, &page)
                      : ListLabelsAt(scope, request.at_sequence(), range, &page));
  v1::ListLabelsResponse response;
  if (page.has_more()) {
    response.set_next_page_token(MakePageToken(list, AfterSlash(page.items().back().name())));
  }
  std::move(page).MoveTo(response.mutable_labels());
  return response;
}

absl::StatusOr<v1::GetChangeResponse> Queries::GetChange(const v1::GetChangeRequest& request,
                                                         const Call&) {
  RETURN_IF_ERROR(CheckRepositoryName(request.repository()));
  ASSIGN_OR_RETURN(const int64_t newest, catalog_->Sequence(request.repository()));
  if (request.sequence() < 1 || request.sequence() > newest) {
    return NotFound("CHANGE_NOT_FOUND",
                    fmt::format("no change {} of {}; changes are 1 to {}", request.sequence(),
                                request.repository(), newest));
  }
  ASSIGN_OR_RETURN(
      const uint32_t page,
      ReadChangePageToken(request.repository(), request.sequence(), request.page_token()));
  v1::GetChangeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_change(),
                   page == 1
                       ? store_->GetChange(request.repository(), request.sequence())
                       : store_->GetChangePage(request.repository(), request.sequence(), page));
  SealPageToken(response.mutable_change());
  return response;
}

// A wide change is looked through page by page.
absl::StatusOr<bool> Queries::IsOf(const v1::Change& first_page, const std::string& prompt) {
  bool found = Names(first_page, prompt);
  if (found) return true;
  RETURN_IF_ERROR(ReadPagesAfter(store_, first_page, [&](const v1::Change& page) {
    found = Names(page, prompt);
    return !found;
  }));
  return found;
}

absl::StatusOr<v1::ListChangesResponse> Queries::ListChanges(const v1::ListChangesRequest& request,
                                                             const Call& call) {
  ASSIGN_OR_RETURN(const ScopeName scope, ScopeName::Parse(request.name()));
  const std::string list = "changes " + request.name();
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(int64_t next, ReadPageNumber(list, request.page_token()));
  if (!scope.rest.empty()) {
    RETURN_IF_ERROR(catalog_->CheckPromptExists(scope.repository, scope.rest));
  }
  ASSIGN_OR_RETURN(const int64_t newest, catalog_->Sequence(scope.repository));
  if (next == 0 || next > newest) next = newest;

  Page<v1::Change> page(page_size);
  const int64_t last = std::max<int64_t>(1, next - kMaxChangesSearched + 1);
  size_t searched = 0;
  while (next >= last && page.room() > 0 && !page.has_more() && searched < kMaxBytesSearched) {
    RETURN_IF_ERROR(CheckWanted(call));
    const int wanted = scope.rest.empty() ? page.room() : kChangesRead;
    ASSIGN_OR_RETURN(auto changes, store_->ListChanges(scope.repository, next, -1, wanted));
    if (changes.empty()) break;
    for (v1::Change& change : changes) {
      if (!scope.rest.empty()) {
        // Its other pages have no more than there are prompts; as much as is read.
        searched += change.ByteSizeLong() + 100 * static_cast<size_t>(change.version_count());
        ASSIGN_OR_RETURN(const bool is_of, IsOf(change, scope.rest));
        if (!is_of) {
          next = change.sequence() - 1;
          if (searched >= kMaxBytesSearched) break;
          continue;
        }
      }
      const int64_t sequence = change.sequence();
      SealPageToken(&change);
      if (!page.Add(std::move(change))) break;
      next = sequence - 1;
    }
  }
  v1::ListChangesResponse response;
  if (next >= 1) response.set_next_page_token(MakePageToken(list, std::to_string(next)));
  std::move(page).MoveTo(response.mutable_changes());
  return response;
}

absl::StatusOr<std::vector<v1::Change>> Queries::ListChangesFrom(const std::string& repository,
                                                                 int64_t from, int limit) {
  ASSIGN_OR_RETURN(const int64_t newest, catalog_->Sequence(repository));
  if (from < 1) {
    return InvalidArgument("BAD_SEQUENCE",
                           fmt::format("sequence {} is none; changes count from 1", from));
  }
  const int64_t there = std::min<int64_t>(limit, newest - from + 1);
  if (there <= 0) return std::vector<v1::Change>();
  ASSIGN_OR_RETURN(auto changes,
                   store_->ListChanges(repository, from, +1, static_cast<int>(there)));
  for (v1::Change& change : changes) SealPageToken(&change);
  return changes;
}

}  // namespace colophon
