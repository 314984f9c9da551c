#pragma once

// Prompts as versions: the room's front door. LIFE OF A CHANGE is in
// publisher.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/base/call.h"
#include "service/base/clock.h"
#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/registry/pushed_commits.h"
#include "service/registry/resolver.h"
#include "service/store/store.h"

namespace colophon {

template <class Response>
using Reply = std::function<void(absl::StatusOr<Response>)>;

struct RegistryOptions {
  int64_t closure_cache_bytes = 64 << 20;
};

// One method an RPC of RegistryService, but for WatchChanges, which reads
// `ListChangesFrom` and waits on `Subscribe`.
//
// Thread-safe. Methods with a Reply return at once and answer from another
// thread, which must not be blocked, or refuse from the caller's; the others
// answer from memory or block for a disk read. When the registry is destroyed,
// changes on their way to the disk are finished, those that wait are refused.
class Registry {
 public:
  // Loads names, labels and latest versions of all prompts.
  static absl::StatusOr<std::unique_ptr<Registry>> Open(Store* store, Clock* clock,
                                                        const RegistryOptions& options = {});
  ~Registry();

  void CreateRepository(const v1::CreateRepositoryRequest& request, const Call& call,
                        Reply<v1::CreateRepositoryResponse> reply);
  void Publish(v1::PublishRequest request, const Call& call, Reply<v1::PublishResponse> reply);
  // Commits that were made with git, as they are: each from main's head to the tip, along
  // first parents, becomes one change, all of them or none. Answers with the newest; no
  // change when main is at the tip already. ABORTED NOT_FAST_FORWARD; the rest as Publish
  // and in pushed_history.h.
  void PublishCommits(PushedCommits commits, const Call& call, Reply<v1::PublishResponse> reply);
  void UpdateLabel(const v1::UpdateLabelRequest& request, const Call& call,
                   Reply<v1::UpdateLabelResponse> reply);
  void DeleteLabel(const v1::DeleteLabelRequest& request, const Call& call,
                   Reply<v1::DeleteLabelResponse> reply);
  // NOT_FOUND BRANCH_NOT_FOUND; ABORTED DRAFT_MOVED.
  void DeleteDraft(const v1::DeleteDraftRequest& request, const Call& call,
                   Reply<v1::DeleteDraftResponse> reply);

  // The version that a reference means; blocks unless memory has it.
  absl::StatusOr<Resolution> Resolve(std::string_view name, const ResolveOptions& options,
                                     const Call& call);
  // The same for who must not block: at once when memory has it, else with a wait for
  // one of the workers.
  Task<absl::StatusOr<Resolution>> ResolveSoon(Workers* workers, std::string_view name,
                                               const ResolveOptions& options, const Call& call);
  // What GetVersion is asked, in the same way: answers on this thread or on a worker's.
  void GetVersion(Workers* workers, const v1::GetVersionRequest& request, const Call& call,
                  Reply<Resolution> reply);
  // The version a record names: by number, or by commit when it is 0.
  absl::StatusOr<std::shared_ptr<const LoadedVersion>> Load(const std::string& repository,
                                                            const std::string& prompt,
                                                            uint32_t version,
                                                            const std::string& commit,
                                                            const Call& call);
  // What a commit, or the beginning of one, means for a prompt. NOT_FOUND
  // COMMIT_NOT_FOUND, PROMPT_NOT_FOUND; INVALID_ARGUMENT AMBIGUOUS_COMMIT.
  // How and by whom it was published, without its files. By number, or by commit when it is
  // 0; blocks for a read.
  absl::StatusOr<v1::Version> DescribeVersion(const std::string& repository,
                                              const std::string& prompt, uint32_t version,
                                              const std::string& commit, const Call& call);
  // That there is such a prompt, archived or not, and of it such a version (0: any) and
  // such a label (empty: any). NOT_FOUND with the closest there are.
  absl::Status CheckExists(std::string_view repository, std::string_view prompt, uint32_t version,
                           std::string_view label) const;
  absl::StatusOr<CommitVersion> FindCommitVersion(const std::string& repository,
                                                  const std::string& prompt, std::string_view hex,
                                                  const Call& call);

  absl::StatusOr<v1::ListRepositoriesResponse> ListRepositories(
      const v1::ListRepositoriesRequest& request, const Call& call);
  absl::StatusOr<v1::GetPromptResponse> GetPrompt(const v1::GetPromptRequest& request,
                                                  const Call& call);
  absl::StatusOr<v1::ListPromptsResponse> ListPrompts(const v1::ListPromptsRequest& request,
                                                      const Call& call);
  absl::StatusOr<v1::ListVersionsResponse> ListVersions(const v1::ListVersionsRequest& request,
                                                        const Call& call);
  absl::StatusOr<v1::DiffVersionsResponse> DiffVersions(const v1::DiffVersionsRequest& request,
                                                        const Call& call);
  absl::StatusOr<v1::ListLabelsResponse> ListLabels(const v1::ListLabelsRequest& request,
                                                    const Call& call);
  absl::StatusOr<v1::GetChangeResponse> GetChange(const v1::GetChangeRequest& request,
                                                  const Call& call);
  absl::StatusOr<v1::ListChangesResponse> ListChanges(const v1::ListChangesRequest& request,
                                                      const Call& call);
  absl::StatusOr<v1::GetFilesResponse> GetFiles(const v1::GetFilesRequest& request,
                                                const Call& call);
  absl::StatusOr<v1::SearchFilesResponse> SearchFiles(const v1::SearchFilesRequest& request,
                                                      const Call& call);
  absl::StatusOr<v1::ListDraftsResponse> ListDrafts(const v1::ListDraftsRequest& request,
                                                    const Call& call);

  // Of all there are, sorted.
  std::vector<std::string> RepositoryNames() const;

  // --- For WatchChanges: a watcher is a cursor, not a queue.

  // The newest sequence that was acknowledged. NOT_FOUND REPOSITORY_NOT_FOUND.
  absl::StatusOr<int64_t> Sequence(const std::string& repository);
  // First pages of changes from `from` on, oldest first, at most `limit` — fewer,
  // but one, when they are large —, none newer than Sequence().
  absl::StatusOr<std::vector<v1::Change>> ListChangesFrom(const std::string& repository,
                                                          int64_t from, int limit);
  // Calls `wake` once, from any thread, as soon as Sequence() > `after` — at
  // once when it is so already. The id is for Unsubscribe, after which `wake`
  // is not called and not running. `wake` must not block, and may call both
  // methods, for itself too; who unsubscribes must not hold what `wake` waits
  // for.
  uint64_t Subscribe(const std::string& repository, int64_t after, std::function<void()> wake);
  void Unsubscribe(uint64_t id);

  int64_t repository_count();

 private:
  class Impl;
  explicit Registry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace colophon
