// The lists of the Catalog.

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/registry/catalog.h"

namespace colophon {

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

absl::StatusOr<v1::Repository> Catalog::GetRepository(std::string_view repository) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const RepositoryState* const state, FindRepository(repository));
  return ToRepository(std::string(repository), *state);
}

absl::StatusOr<v1::Prompt> Catalog::GetPrompt(std::string_view repository,
                                              std::string_view prompt) const {
  std::lock_guard lock(mu_.ForReading());
  ASSIGN_OR_RETURN(const Found found, FindPrompt(repository, prompt));
  return ToPrompt(repository, std::string(prompt), *found.second);
}

void Catalog::ListRepositories(std::string_view after, Page<v1::Repository>* page) const {
  std::lock_guard lock(mu_.ForReading());
  for (auto next = repositories_.upper_bound(after); next != repositories_.end(); ++next) {
    if (!page->Add(ToRepository(next->first, next->second))) return;
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
