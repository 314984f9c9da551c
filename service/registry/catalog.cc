#include "service/registry/catalog.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/registry/catalog_errors.h"

namespace colophon {
namespace {

constexpr std::string_view kMain = "main";
constexpr std::string_view kHeads = "refs/heads/";

}  // namespace

Catalog::PromptState& Catalog::RepositoryState::PromptAt(const std::string& prompt) {
  // A change may be of every prompt there is, and all readers wait for it.
  if (const auto known = by_name.find(prompt); known != by_name.end()) return *known->second;
  const auto [place, is_new] = prompts.try_emplace(prompt);
  if (is_new) by_name.emplace(place->first, &place->second);
  return place->second;
}

absl::StatusOr<Catalog::RepositoryState> Catalog::Load(ChangeStore* store,
                                                       const v1::Repository& repository) {
  RepositoryState state;
  state.sequence = repository.sequence();
  state.create_time = FromProto(repository.create_time());
  ASSIGN_OR_RETURN(const auto refs, store->ListRefs(repository.name(), kHeads));
  for (const Ref& ref : refs) {
    state.branches.emplace(std::string_view(ref.name).substr(kHeads.size()), ref.target);
  }
  ASSIGN_OR_RETURN(auto rows, store->ListPrompts(repository.name()));
  state.by_name.reserve(rows.size());
  for (PromptRow& row : rows) {
    PromptState& prompt = state.PromptAt(row.prompt);
    prompt.latest_version = row.latest_version;
    prompt.archived = row.archived;
    prompt.update_time = row.update_time;
  }
  ASSIGN_OR_RETURN(const auto labels,
                   store->ListLabels(repository.name(), "", std::numeric_limits<int64_t>::max()));
  for (const v1::Label& label : labels) {
    ASSIGN_OR_RETURN(const LabelName name, LabelName::Parse(label.name()));
    SetLabel(state.PromptAt(name.prompt), label);
  }
  return state;
}

absl::Status Catalog::LoadAll(ChangeStore* store) {
  ASSIGN_OR_RETURN(const auto repositories, store->ListRepositories());
  for (const v1::Repository& repository : repositories) {
    ASSIGN_OR_RETURN(RepositoryState state, Load(store, repository));
    std::lock_guard lock(mu_);
    repositories_[repository.name()] = std::move(state);
  }
  return absl::OkStatus();
}

absl::Status Catalog::Reload(ChangeStore* store, const std::string& name) {
  ASSIGN_OR_RETURN(const auto repositories, store->ListRepositories());
  for (const v1::Repository& repository : repositories) {
    if (repository.name() != name) continue;
    ASSIGN_OR_RETURN(RepositoryState state, Load(store, repository));
    std::lock_guard lock(mu_);
    repositories_[name] = std::move(state);
  }
  return absl::OkStatus();
}

void Catalog::AddRepository(const v1::Repository& repository) {
  std::lock_guard lock(mu_);
  repositories_[repository.name()].create_time = FromProto(repository.create_time());
}

void Catalog::SetLabel(PromptState& prompt, const v1::Label& label) {
  const std::string_view name = std::string_view(label.name()).substr(label.name().find('@') + 1);
  auto place =
      std::lower_bound(prompt.labels.begin(), prompt.labels.end(), name,
                       [](const LabelState& state, std::string_view n) { return state.label < n; });
  const bool exists = place != prompt.labels.end() && place->label == name;
  if (label.targets().targets().empty()) {
    if (exists) prompt.labels.erase(place);
    return;
  }
  if (!exists) {
    place = prompt.labels.emplace(place);
    place->label = std::string(name);
  }
  place->shares = SharesOf(label.targets());
  place->sequence = label.sequence();
  place->update_time = FromProto(label.update_time());
  place->author = label.author();
}

void Catalog::Apply(const CatalogUpdate& update) {
  std::lock_guard lock(mu_);
  const auto found = repositories_.find(update.repository);
  assert(found != repositories_.end());
  RepositoryState& state = found->second;
  const std::string branch = update.branch.empty() ? std::string(kMain) : update.branch;
  if (update.head.is_zero()) {
    state.branches.erase(branch);
  } else {
    state.branches[branch] = update.head;
  }
  if (update.sequence != 0) state.sequence = update.sequence;
  for (const CatalogUpdate::Prompt& row : update.prompts) {
    PromptState& prompt = state.PromptAt(row.prompt);
    prompt.latest_version = row.latest_version;
    prompt.archived = row.archived;
    prompt.update_time = row.update_time;
  }
  for (const v1::Label& label : update.labels) {
    const std::string_view name = label.name();
    const size_t slash = name.find('/');
    SetLabel(state.PromptAt(std::string(name.substr(slash + 1, name.find('@') - slash - 1))),
             label);
  }
}

absl::StatusOr<const Catalog::RepositoryState*> Catalog::FindRepository(
    std::string_view repository) const {
  const auto found = repositories_.find(repository);
  if (found == repositories_.end()) return NoRepository(repository);
  return &found->second;
}

absl::StatusOr<Catalog::Found> Catalog::FindPrompt(std::string_view repository,
                                                   std::string_view prompt) const {
  ASSIGN_OR_RETURN(const RepositoryState* const state, FindRepository(repository));
  if (const auto found = state->by_name.find(prompt); found != state->by_name.end()) {
    return Found(state, found->second);
  }
  const std::string within = fmt::format("{}/", prompt);
  const auto inside = state->prompts.lower_bound(within);
  if (inside != state->prompts.end() && std::string_view(inside->first).starts_with(within)) {
    return PromptIsFolder(repository, prompt, inside->first);
  }
  // Neighbours of the same folder are the likeliest to have been meant.
  constexpr int kMaxSearched = 500;
  const std::string_view folder = prompt.substr(0, prompt.rfind('/') + 1);
  std::vector<std::string_view> neighbours;
  std::string_view last_beside;
  auto near = state->prompts.lower_bound(folder);
  for (int i = 0; i < kMaxSearched && near != state->prompts.end(); ++i, ++near) {
    if (near->second.archived) continue;
    neighbours.push_back(near->first);
    // A folder beside is as easily misspelt.
    const size_t slash = near->first.find('/', folder.size());
    const auto beside = std::string_view(near->first).substr(0, slash);
    if (slash != std::string::npos && beside != last_beside) {
      neighbours.push_back(last_beside = beside);
    }
  }
  return NoPrompt(repository, prompt, neighbours);
}

absl::StatusOr<Catalog::Pick> Catalog::PickLabel(std::string_view repository,
                                                 std::string_view prompt, std::string_view label,
                                                 std::string_view subject) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const Found found, FindPrompt(repository, prompt));
  const LabelState* const state = found.second->FindLabel(label);
  if (state == nullptr) {
    if (found.second->archived) return PromptArchived(repository, prompt);
    return NoLabel(repository, prompt, label, found.second->LabelNames());
  }
  const size_t share = PickShare(state->shares, subject, label);
  return Pick{state->shares[share].version, found.first->sequence};
}

absl::StatusOr<Catalog::Pick> Catalog::PickVersion(std::string_view repository,
                                                   std::string_view prompt,
                                                   uint32_t version) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const Found found, FindPrompt(repository, prompt));
  if (version < 1 || version > found.second->latest_version) {
    return NoVersion(repository, prompt, version, found.second->latest_version);
  }
  return Pick{version, found.first->sequence};
}

absl::StatusOr<Catalog::Pick> Catalog::PickLatest(std::string_view repository,
                                                  std::string_view prompt) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const Found found, FindPrompt(repository, prompt));
  if (found.second->archived) return PromptArchived(repository, prompt);
  return Pick{found.second->latest_version, found.first->sequence};
}

absl::StatusOr<ObjectId> Catalog::FindBranch(std::string_view repository,
                                             std::string_view branch) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const RepositoryState* const state, FindRepository(repository));
  const auto found = state->branches.find(branch);
  if (found == state->branches.end()) return NoBranch(repository, branch);
  return found->second;
}

absl::StatusOr<std::vector<std::pair<std::string, ObjectId>>> Catalog::ListDrafts(
    std::string_view repository, std::string_view after, int limit) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const RepositoryState* const state, FindRepository(repository));
  std::vector<std::pair<std::string, ObjectId>> drafts;
  for (auto branch = state->branches.upper_bound(after);
       branch != state->branches.end() && std::ssize(drafts) < limit; ++branch) {
    if (branch->first != kMain) drafts.push_back(*branch);
  }
  return drafts;
}

absl::StatusOr<int64_t> Catalog::Sequence(std::string_view repository) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const RepositoryState* const state, FindRepository(repository));
  return state->sequence;
}

absl::Status Catalog::CheckPromptExists(std::string_view repository,
                                        std::string_view prompt) const {
  std::lock_guard lock(mu_.ForReading());
  return FindPrompt(repository, prompt).status();
}

absl::Status Catalog::CheckLabelExists(std::string_view repository, std::string_view prompt,
                                       std::string_view label) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const Found found, FindPrompt(repository, prompt));
  if (label == "latest" || found.second->FindLabel(label) != nullptr) return absl::OkStatus();
  return NoLabel(repository, prompt, label, found.second->LabelNames());
}

const Catalog::LabelState* Catalog::PromptState::FindLabel(std::string_view label) const {
  const auto state = std::find_if(labels.begin(), labels.end(),
                                  [label](const LabelState& s) { return s.label == label; });
  return state == labels.end() ? nullptr : &*state;
}

std::vector<std::string_view> Catalog::PromptState::LabelNames() const {
  std::vector<std::string_view> names;
  names.reserve(labels.size());
  for (const LabelState& state : labels) names.push_back(state.label);
  return names;
}

int64_t Catalog::repository_count() const {
  std::lock_guard lock(mu_.ForReading());
  return static_cast<int64_t>(repositories_.size());
}

v1::Label Catalog::ToLabel(std::string_view repository, std::string_view prompt,
                           const LabelState& state) {
  v1::Label label;
  label.set_name(fmt::format("{}/{}@{}", repository, prompt, state.label));
  for (const LabelShare& share : state.shares) {
    v1::LabelTarget* const target = label.mutable_targets()->add_targets();
    target->set_version(share.version);
    target->set_weight(share.weight);
  }
  label.set_sequence(state.sequence);
  *label.mutable_update_time() = ToProto(state.update_time);
  label.set_author(state.author);
  return label;
}

v1::Prompt Catalog::ToPrompt(std::string_view repository, const std::string& path,
                             const PromptState& state) {
  v1::Prompt prompt;
  prompt.set_name(fmt::format("{}/{}", repository, path));
  prompt.set_latest_version(state.latest_version);
  prompt.set_archived(state.archived);
  *prompt.mutable_update_time() = ToProto(state.update_time);
  for (const LabelState& label : state.labels) {
    *prompt.add_labels() = ToLabel(repository, path, label);
  }
  return prompt;
}

v1::Repository Catalog::ToRepository(const std::string& name, const RepositoryState& state) {
  v1::Repository repository;
  repository.set_name(name);
  repository.set_sequence(state.sequence);
  *repository.mutable_create_time() = ToProto(state.create_time);
  const auto main = state.branches.find("main");
  if (main != state.branches.end()) repository.set_commit(main->second.hex());
  return repository;
}

absl::StatusOr<v1::Prompt> Catalog::GetPrompt(std::string_view repository,
                                              std::string_view prompt) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const Found found, FindPrompt(repository, prompt));
  return ToPrompt(repository, std::string(prompt), *found.second);
}

std::vector<std::string> Catalog::RepositoryNames() const {
  std::lock_guard lock(mu_.ForReading());
  std::vector<std::string> names;
  for (const auto& [name, repository] : repositories_) names.push_back(name);
  return names;
}

void Catalog::ListRepositories(std::string_view after,
                               const std::function<bool(std::string_view)>& is_seen,
                               Page<v1::Repository>* page) const {
  std::lock_guard lock(mu_.ForReading());
  for (auto next = repositories_.upper_bound(after); next != repositories_.end(); ++next) {
    if (is_seen(next->first) && !page->Add(ToRepository(next->first, next->second))) return;
  }
}

absl::Status Catalog::ListPrompts(std::string_view repository, std::string_view prefix,
                                  bool show_archived, std::string_view after,
                                  Page<v1::Prompt>* page) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const RepositoryState* const state, FindRepository(repository));
  auto next =
      after < prefix ? state->prompts.lower_bound(prefix) : state->prompts.upper_bound(after);
  for (; next != state->prompts.end() && next->first.starts_with(prefix); ++next) {
    if (next->second.archived && !show_archived) continue;
    if (!page->Add(ToPrompt(repository, next->first, next->second))) break;
  }
  return absl::OkStatus();
}

absl::Status Catalog::ListLabels(std::string_view repository, std::string_view prompt,
                                 std::string_view after_prompt, std::string_view after_label,
                                 Page<v1::Label>* page) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const RepositoryState* const state, FindRepository(repository));
  if (!prompt.empty()) RETURN_IF_ERROR(FindPrompt(repository, prompt).status());
  auto next = state->prompts.lower_bound(prompt.empty() ? after_prompt : prompt);
  for (; next != state->prompts.end(); ++next) {
    if (!prompt.empty() && next->first != prompt) break;
    for (const LabelState& label : next->second.labels) {
      if (next->first == after_prompt && label.label <= after_label) continue;
      if (!page->Add(ToLabel(repository, next->first, label))) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace colophon
