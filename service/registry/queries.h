#pragma once

#include "colophon/v1/registry.pb.h"
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
      const v1::ListRepositoriesRequest& request);
  absl::StatusOr<v1::GetPromptResponse> GetPrompt(const v1::GetPromptRequest& request);
  absl::StatusOr<v1::ListPromptsResponse> ListPrompts(const v1::ListPromptsRequest& request);
  absl::StatusOr<v1::ListVersionsResponse> ListVersions(const v1::ListVersionsRequest& request);
  absl::StatusOr<v1::DiffVersionsResponse> DiffVersions(const v1::DiffVersionsRequest& request);
  absl::StatusOr<v1::ListLabelsResponse> ListLabels(const v1::ListLabelsRequest& request);
  absl::StatusOr<v1::ListChangesResponse> ListChanges(const v1::ListChangesRequest& request);

  // Of what is served; oldest first.
  absl::StatusOr<std::vector<v1::Change>> ListChangesFrom(const std::string& repository,
                                                          int64_t from, int limit);

 private:
  // The prompts in `scope` that use the file `request.uses`.
  absl::StatusOr<std::vector<v1::Prompt>> ListUsers(const ScopeName& scope,
                                                    const v1::ListPromptsRequest& request,
                                                    std::string_view after, int limit);
  absl::StatusOr<std::vector<v1::Label>> LabelsAt(const std::string& repository,
                                                  const std::string& prompt, int64_t sequence);

  Store* const store_;
  const Catalog* const catalog_;
  Resolver* const resolver_;
};

}  // namespace colophon
