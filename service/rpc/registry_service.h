#pragma once

#include "colophon/v1/registry.grpc.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/base/executor.h"
#include "service/registry/registry.h"
#include "service/rpc/raw_service.h"
#include "service/rpc/watchers.h"

namespace colophon {

// GetVersion, the method that apps call before each of their own model calls,
// gives raw bytes: a version is serialized once and shared by all answers.
//
// Thread-safe.
class RegistryService final : public RawService {
 public:
  RegistryService(Registry* registry, Watchers* watchers, Adapter* adapter,
                  int64_t max_message_bytes);

  void CreateRepository(UnaryCall* call, v1::CreateRepositoryRequest* request,
                        v1::CreateRepositoryResponse* response);
  void ListRepositories(UnaryCall* call, v1::ListRepositoriesRequest* request,
                        v1::ListRepositoriesResponse* response);
  void Publish(UnaryCall* call, v1::PublishRequest* request, v1::PublishResponse* response);
  void GetPrompt(UnaryCall* call, v1::GetPromptRequest* request, v1::GetPromptResponse* response);
  void ListPrompts(UnaryCall* call, v1::ListPromptsRequest* request,
                   v1::ListPromptsResponse* response);
  void ListVersions(UnaryCall* call, v1::ListVersionsRequest* request,
                    v1::ListVersionsResponse* response);
  void DiffVersions(UnaryCall* call, v1::DiffVersionsRequest* request,
                    v1::DiffVersionsResponse* response);
  void ListLabels(UnaryCall* call, v1::ListLabelsRequest* request,
                  v1::ListLabelsResponse* response);
  void UpdateLabel(UnaryCall* call, v1::UpdateLabelRequest* request,
                   v1::UpdateLabelResponse* response);
  void DeleteLabel(UnaryCall* call, v1::DeleteLabelRequest* request,
                   v1::DeleteLabelResponse* response);
  void GetChange(UnaryCall* call, v1::GetChangeRequest* request, v1::GetChangeResponse* response);
  void ListChanges(UnaryCall* call, v1::ListChangesRequest* request,
                   v1::ListChangesResponse* response);
  void GetVersion(UnaryCall* call, v1::GetVersionRequest* request, Resolution* response);
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchChanges(grpc::CallbackServerContext* context,
                                                           grpc::ByteBuffer* request);

 private:
  Registry* const registry_;
  Watchers* const watchers_;
};

}  // namespace colophon
