#pragma once

#include "colophon/v1/registry.grpc.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/base/executor.h"
#include "service/registry/registry.h"
#include "service/rpc/adapter.h"
#include "service/rpc/watchers.h"

namespace colophon {

// GetVersion, the method that apps call before each of their own model calls,
// takes and gives raw bytes: a version is serialized once and shared by all
// answers.
//
// Thread-safe.
class RegistryService final : public v1::RegistryService::WithRawCallbackMethod_GetVersion<
                                  v1::RegistryService::CallbackService> {
 public:
  RegistryService(Registry* registry, Watchers* watchers, Adapter* adapter)
      : registry_(registry), watchers_(watchers), adapter_(adapter) {}

  grpc::ServerUnaryReactor* CreateRepository(grpc::CallbackServerContext* context,
                                             const v1::CreateRepositoryRequest* request,
                                             v1::CreateRepositoryResponse* response) override;
  grpc::ServerUnaryReactor* ListRepositories(grpc::CallbackServerContext* context,
                                             const v1::ListRepositoriesRequest* request,
                                             v1::ListRepositoriesResponse* response) override;
  grpc::ServerUnaryReactor* Publish(grpc::CallbackServerContext* context,
                                    const v1::PublishRequest* request,
                                    v1::PublishResponse* response) override;
  grpc::ServerUnaryReactor* GetPrompt(grpc::CallbackServerContext* context,
                                      const v1::GetPromptRequest* request,
                                      v1::GetPromptResponse* response) override;
  grpc::ServerUnaryReactor* ListPrompts(grpc::CallbackServerContext* context,
                                        const v1::ListPromptsRequest* request,
                                        v1::ListPromptsResponse* response) override;
  grpc::ServerUnaryReactor* ListVersions(grpc::CallbackServerContext* context,
                                         const v1::ListVersionsRequest* request,
                                         v1::ListVersionsResponse* response) override;
  grpc::ServerUnaryReactor* DiffVersions(grpc::CallbackServerContext* context,
                                         const v1::DiffVersionsRequest* request,
                                         v1::DiffVersionsResponse* response) override;
  grpc::ServerUnaryReactor* ListLabels(grpc::CallbackServerContext* context,
                                       const v1::ListLabelsRequest* request,
                                       v1::ListLabelsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateLabel(grpc::CallbackServerContext* context,
                                        const v1::UpdateLabelRequest* request,
                                        v1::UpdateLabelResponse* response) override;
  grpc::ServerUnaryReactor* DeleteLabel(grpc::CallbackServerContext* context,
                                        const v1::DeleteLabelRequest* request,
                                        v1::DeleteLabelResponse* response) override;
  grpc::ServerUnaryReactor* GetChange(grpc::CallbackServerContext* context,
                                      const v1::GetChangeRequest* request,
                                      v1::GetChangeResponse* response) override;
  grpc::ServerUnaryReactor* ListChanges(grpc::CallbackServerContext* context,
                                        const v1::ListChangesRequest* request,
                                        v1::ListChangesResponse* response) override;
  grpc::ServerUnaryReactor* GetVersion(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<v1::WatchChangesResponse>* WatchChanges(
      grpc::CallbackServerContext* context, const v1::WatchChangesRequest* request) override;

 private:
  absl::StatusOr<grpc::ByteBuffer> ResolveToBytes(const grpc::ByteBuffer& request, bool may_block);

  Registry* const registry_;
  Watchers* const watchers_;
  Adapter* const adapter_;
};

}  // namespace colophon
