#pragma once

#include "colophon/v1/registry.pb.h"
#include "service/base/call.h"
#include "service/registry/catalog.h"
#include "service/registry/resolver.h"
#include "service/store/store.h"

namespace colophon {

// The reading methods of RegistryService but for GetVersion.
//
// Thread-safe. Methods answer from memory or block for a disk read.
class Queries {
 public:
  Queries(Store* store, const Catalog* catalog, Resolver* resolver)
      : store_(store), catalog_(catalog), resolver_(resolver) {}

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

  // The first pages of what is served; oldest first, at most `limit`, or fewer,
  // but one, when they are large.
  absl::StatusOr<std::vector<v1::Change>> ListChangesFrom(const std::string& repository,
                                                          int64_t from, int limit);

 private:
  // The prompts in `scope` that use the file `request.uses`, after `after`. The
  // prompt it looked at last when it looked at as many as one call may.
  absl::StatusOr<std::string> ListUsers(const ScopeName& scope,
                                        const v1::ListPromptsRequest& request, const Call& call,
                                        std::string after, Page<v1::Prompt>* page);
  absl::Status ListLabelsAt(const ScopeName& scope, int64_t sequence, LabelRange range,
                            Page<v1::Label>* page);
  absl::StatusOr<bool> IsOf(const v1::Change& first_page, const std::string& prompt);

  Store* const store_;
  const Catalog* const catalog_;
  Resolver* const resolver_;
};

}  // namespace colophon
