#include "service/registry/queries.h"

#include <algorithm>
#include <tuple>

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/registry/page.h"
#include "service/registry/version_diff.h"

namespace colophon {
namespace {

// How far one ListChanges call looks back for the changes of one prompt.
constexpr int kMaxChangesSearched = 10'000;
constexpr int kChangesRead = 256;

// Cuts a list that was read one item too long; true when there is more.
template <class Item>
bool CutToPage(int page_size, std::vector<Item>* items) {
  if (std::ssize(*items) <= page_size) return false;
  items->resize(page_size);
  return true;
}

template <class Item>
void MoveAll(std::vector<Item>& from, google::protobuf::RepeatedPtrField<Item>* to) {
  to->Reserve(static_cast<int>(from.size()));
  for (Item& item : from) to->Add(std::move(item));
}

bool IsOf(const v1::Change& change, const std::string& prompt) {
  const auto names_it = [&](const auto& item) { return item.prompt() == prompt; };
  return std::any_of(change.versions().begin(), change.versions().end(), names_it) ||
         std::any_of(change.label_moves().begin(), change.label_moves().end(), names_it) ||
         std::find(change.archived_prompts().begin(), change.archived_prompts().end(), prompt) !=
             change.archived_prompts().end();
}

// The part of a prompt's or label's name after the repository.
std::string AfterSlash(const std::string& name) { return name.substr(name.find('/') + 1); }

}  // namespace

absl::StatusOr<v1::ListRepositoriesResponse> Queries::ListRepositories(
    const v1::ListRepositoriesRequest& request) {
  const std::string list = "repositories";
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string after, ReadPageToken(list, request.page_token()));
  auto repositories = catalog_->ListRepositories(after, page_size + 1);
  v1::ListRepositoriesResponse response;
  if (CutToPage(page_size, &repositories)) {
    response.set_next_page_token(MakePageToken(list, repositories.back().name()));
  }
  MoveAll(repositories, response.mutable_repositories());
  return response;
}

absl::StatusOr<v1::GetPromptResponse> Queries::GetPrompt(const v1::GetPromptRequest& request) {
  ASSIGN_OR_RETURN(const PromptName name, PromptName::Parse(request.name()));
  v1::GetPromptResponse response;
  ASSIGN_OR_RETURN(*response.mutable_prompt(), catalog_->GetPrompt(name.repository, name.prompt));
  return response;
}

absl::StatusOr<v1::ListPromptsResponse> Queries::ListPrompts(
    const v1::ListPromptsRequest& request) {
  ASSIGN_OR_RETURN(const ScopeName scope, ScopeName::ParsePrefix(request.name()));
  const std::string list = fmt::format("prompts {} {} {}", request.name(),
                                       request.show_archived() ? "archived" : "", request.uses());
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string after, ReadPageToken(list, request.page_token()));
  ASSIGN_OR_RETURN(auto prompts,
                   request.uses().empty()
                       ? catalog_->ListPrompts(scope.repository, scope.rest,
                                               request.show_archived(), after, page_size + 1)
                       : ListUsers(scope, request, after, page_size + 1));
  v1::ListPromptsResponse response;
  if (CutToPage(page_size, &prompts)) {
    response.set_next_page_token(MakePageToken(list, AfterSlash(prompts.back().name())));
  }
  MoveAll(prompts, response.mutable_prompts());
  return response;
}

absl::StatusOr<std::vector<v1::Prompt>> Queries::ListUsers(const ScopeName& scope,
                                                           const v1::ListPromptsRequest& request,
                                                           std::string_view after, int limit) {
  RETURN_IF_ERROR(CheckFilePath(request.uses()));
  RETURN_IF_ERROR(catalog_->Sequence(scope.repository).status());
  ASSIGN_OR_RETURN(const auto rows, store_->ListPrompts(scope.repository));
  std::vector<v1::Prompt> users;
  for (const PromptRow& row : rows) {
    if (row.prompt <= after || !row.prompt.starts_with(scope.rest)) continue;
    if (!std::binary_search(row.dependencies.begin(), row.dependencies.end(), request.uses())) {
      continue;
    }
    absl::StatusOr<v1::Prompt> prompt = catalog_->GetPrompt(scope.repository, row.prompt);
    if (absl::IsNotFound(prompt.status())) continue;  // The store is ahead of what is served.
    RETURN_IF_ERROR(prompt.status());
    if (prompt->archived() && !request.show_archived()) continue;
    users.push_back(*std::move(prompt));
    if (std::ssize(users) == limit) break;
  }
  return users;
}

absl::StatusOr<v1::ListVersionsResponse> Queries::ListVersions(
    const v1::ListVersionsRequest& request) {
  ASSIGN_OR_RETURN(const PromptName name, PromptName::Parse(request.name()));
  const std::string list = "versions " + request.name();
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(int64_t before, ReadPageNumber(list, request.page_token()));
  ASSIGN_OR_RETURN(const v1::Prompt prompt, catalog_->GetPrompt(name.repository, name.prompt));
  // The store may be ahead of what is served.
  if (before == 0) before = int64_t{prompt.latest_version()} + 1;
  v1::ListVersionsResponse response;
  if (before == 1) return response;
  ASSIGN_OR_RETURN(auto versions,
                   store_->ListVersions(name.repository, name.prompt, static_cast<uint32_t>(before),
                                        page_size + 1));
  if (CutToPage(page_size, &versions)) {
    response.set_next_page_token(MakePageToken(list, std::to_string(versions.back().version())));
  }
  MoveAll(versions, response.mutable_versions());
  return response;
}

absl::StatusOr<v1::DiffVersionsResponse> Queries::DiffVersions(
    const v1::DiffVersionsRequest& request) {
  ASSIGN_OR_RETURN(const ReferenceView from, ReferenceView::Parse(request.from()));
  ASSIGN_OR_RETURN(const ReferenceView to, ReferenceView::Parse(request.to()));
  ASSIGN_OR_RETURN(const Resolution before, resolver_->Resolve(from));
  ASSIGN_OR_RETURN(const Resolution after, resolver_->Resolve(to));
  return DiffLoadedVersions(*before.loaded, *after.loaded);
}

absl::StatusOr<std::vector<v1::Label>> Queries::LabelsAt(const std::string& repository,
                                                         const std::string& prompt,
                                                         int64_t sequence) {
  ASSIGN_OR_RETURN(const int64_t newest, catalog_->Sequence(repository));
  if (sequence < 0) {
    return InvalidArgument("BAD_MOMENT", fmt::format("at_sequence is {}; it is a sequence from 1, "
                                                     "or 0 for now",
                                                     sequence));
  }
  if (sequence > newest) {
    return Error(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE",
                 fmt::format("at_sequence is {}; the newest change of {} is {}", sequence,
                             repository, newest));
  }
  if (!prompt.empty()) RETURN_IF_ERROR(catalog_->CheckPromptExists(repository, prompt));
  return store_->ListLabels(repository, prompt, sequence);
}

absl::StatusOr<v1::ListLabelsResponse> Queries::ListLabels(const v1::ListLabelsRequest& request) {
  ASSIGN_OR_RETURN(const ScopeName scope, ScopeName::Parse(request.name()));
  const std::string list = fmt::format("labels {} {}", request.name(), request.at_sequence());
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string position, ReadPageToken(list, request.page_token()));
  const size_t at = position.find('@');
  const std::string after_prompt = position.substr(0, at);
  const std::string after_label = position.empty() ? "" : position.substr(at + 1);

  std::vector<v1::Label> labels;
  if (request.at_sequence() == 0) {
    ASSIGN_OR_RETURN(labels, catalog_->ListLabels(scope.repository, scope.rest, after_prompt,
                                                  after_label, page_size + 1));
  } else {
    ASSIGN_OR_RETURN(labels, LabelsAt(scope.repository, scope.rest, request.at_sequence()));
    std::erase_if(labels, [&](const v1::Label& label) {
      const std::string name = AfterSlash(label.name());
      const size_t split = name.find('@');
      return std::pair(name.substr(0, split), name.substr(split + 1)) <=
             std::pair(after_prompt, after_label);
    });
  }
  v1::ListLabelsResponse response;
  if (CutToPage(page_size, &labels)) {
    response.set_next_page_token(MakePageToken(list, AfterSlash(labels.back().name())));
  }
  MoveAll(labels, response.mutable_labels());
  return response;
}

absl::StatusOr<v1::ListChangesResponse> Queries::ListChanges(
    const v1::ListChangesRequest& request) {
  ASSIGN_OR_RETURN(const ScopeName scope, ScopeName::Parse(request.name()));
  const std::string list = "changes " + request.name();
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(int64_t next, ReadPageNumber(list, request.page_token()));
  if (!scope.rest.empty()) {
    RETURN_IF_ERROR(catalog_->CheckPromptExists(scope.repository, scope.rest));
  }
  ASSIGN_OR_RETURN(const int64_t newest, catalog_->Sequence(scope.repository));
  if (next == 0 || next > newest) next = newest;

  v1::ListChangesResponse response;
  const int64_t last = std::max<int64_t>(1, next - kMaxChangesSearched + 1);
  while (next >= last && response.changes_size() < page_size) {
    const int wanted = scope.rest.empty() ? page_size - response.changes_size() : kChangesRead;
    ASSIGN_OR_RETURN(auto changes, store_->ListChanges(scope.repository, next, -1, wanted));
    if (changes.empty()) break;
    for (v1::Change& change : changes) {
      if (response.changes_size() == page_size) break;
      next = change.sequence() - 1;
      if (scope.rest.empty() || IsOf(change, scope.rest)) {
        *response.add_changes() = std::move(change);
      }
    }
  }
  if (next >= 1) response.set_next_page_token(MakePageToken(list, std::to_string(next)));
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
  return store_->ListChanges(repository, from, +1, static_cast<int>(there));
}

}  // namespace colophon
