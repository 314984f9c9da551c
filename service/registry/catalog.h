#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/base/label_pick.h"
#include "service/base/reference.h"
#include "service/registry/page.h"
#include "service/registry/striped_mutex.h"
#include "service/store/change_store.h"

namespace colophon {

// What a durable change alters in the Catalog.
struct CatalogUpdate {
  struct Prompt {
    std::string prompt;
    uint32_t latest_version = 0;
    bool archived = false;
    absl::Time update_time;
  };

  std::string repository;
  int64_t sequence = 0;  // 0 for a draft.
  std::string branch;    // Empty: main.
  ObjectId head;         // Of the branch; zero: it is gone.
  std::vector<Prompt> prompts;
  std::vector<v1::Label> labels;  // Empty targets: removed.
};

// What is served, in memory: of every repository its sequence and branches, of
// every prompt its newest version and its labels. Holds what is durable and no
// more; a change is seen whole or not at all.
//
// Thread-safe.
class Catalog {
 public:
  // A version number that a reference stands for.
  struct Pick {
    uint32_t version = 0;
    int64_t sequence = 0;
  };

  absl::Status LoadAll(ChangeStore* store);
  // Once more, after somebody else changed the store.
  absl::Status Reload(ChangeStore* store, const std::string& repository);
  void AddRepository(const v1::Repository& repository);
  // REQUIRES: the repository is known.
  void Apply(const CatalogUpdate& update);

  // NOT_FOUND with REPOSITORY_NOT_FOUND, PROMPT_NOT_FOUND, LABEL_NOT_FOUND or
  // VERSION_NOT_FOUND and what there is instead; FAILED_PRECONDITION
  // PROMPT_ARCHIVED for a label or the latest version of an archived prompt.
  absl::StatusOr<Pick> PickLabel(std::string_view repository, std::string_view prompt,
                                 std::string_view label, std::string_view subject) const;
  absl::StatusOr<Pick> PickVersion(std::string_view repository, std::string_view prompt,
                                   uint32_t version) const;
  absl::StatusOr<Pick> PickLatest(std::string_view repository, std::string_view prompt) const;
  // Of "main" too. NOT_FOUND BRANCH_NOT_FOUND.
  absl::StatusOr<ObjectId> FindBranch(std::string_view repository, std::string_view branch) const;

  // Of drafts, in order, after `after`, at most `limit`.
  absl::StatusOr<std::vector<std::pair<std::string, ObjectId>>> ListDrafts(
      std::string_view repository, std::string_view after, int limit) const;

  absl::StatusOr<int64_t> Sequence(std::string_view repository) const;
  // NOT_FOUND as above; also of archived ones.
  absl::Status CheckPromptExists(std::string_view repository, std::string_view prompt) const;
  absl::Status CheckLabelExists(std::string_view repository, std::string_view prompt,
                                std::string_view label) const;
  int64_t repository_count() const;
  std::vector<std::string> RepositoryNames() const;

  absl::StatusOr<v1::Prompt> GetPrompt(std::string_view repository, std::string_view prompt) const;
  // Lists are in order, from what comes after `after` on, until the page is full.
  void ListRepositories(std::string_view after,
                        const std::function<bool(std::string_view)>& is_seen,
                        Page<v1::Repository>* page) const;
  absl::Status ListPrompts(std::string_view repository, std::string_view prefix, bool show_archived,
                           std::string_view after, Page<v1::Prompt>* page) const;
  // Of one prompt, or of all when it is empty, after the label `after_label`
  // of `after_prompt`.
  absl::Status ListLabels(std::string_view repository, std::string_view prompt,
                          std::string_view after_prompt, std::string_view after_label,
                          Page<v1::Label>* page) const;

 private:
  struct LabelState {
    std::string label;
    std::vector<LabelShare> shares;
    int64_t sequence = 0;
    absl::Time update_time;
    std::string author;
  };
  struct PromptState {
    uint32_t latest_version = 0;
    bool archived = false;
    absl::Time update_time;
    std::vector<LabelState> labels;  // By name.

    // nullptr: there is none.
    const LabelState* FindLabel(std::string_view label) const;
    std::vector<std::string_view> LabelNames() const;
  };
  struct RepositoryState {
    int64_t sequence = 0;
    absl::Time create_time;
    std::map<std::string, ObjectId, std::less<>> branches;
    std::map<std::string, PromptState, std::less<>> prompts;
    // The same prompts, for a quick look-up; keys are views of the map's.
    std::unordered_map<std::string_view, PromptState*> by_name;

    PromptState& PromptAt(const std::string& prompt);
  };
  using Found = std::pair<const RepositoryState*, const PromptState*>;

  static absl::StatusOr<RepositoryState> Load(ChangeStore* store, const v1::Repository& repository);
  static void SetLabel(PromptState& prompt, const v1::Label& label);
  static v1::Label ToLabel(std::string_view repository, std::string_view prompt,
                           const LabelState& label);
  static v1::Prompt ToPrompt(std::string_view repository, const std::string& path,
                             const PromptState& state);
  static v1::Repository ToRepository(const std::string& name, const RepositoryState& state);

  // REQUIRES: mu_ is held.
  absl::StatusOr<const RepositoryState*> FindRepository(std::string_view repository) const;
  absl::StatusOr<Found> FindPrompt(std::string_view repository, std::string_view prompt) const;

  mutable StripedMutex mu_;
  // Guarded by mu_.
  std::map<std::string, RepositoryState, std::less<>> repositories_;
};

}  // namespace colophon
