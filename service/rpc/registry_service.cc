#include "service/rpc/registry_service.h"

#include "service/rpc/version_response.h"

namespace colophon {
namespace {

ChangeContext ContextOf(UnaryCall* call) {
  return {.caller = call->rpc().call().caller,
          .is_abandoned = [call] { return call->rpc().IsAbandoned(); }};
}

}  // namespace

grpc::ServerUnaryReactor* RegistryService::CreateRepository(
    grpc::CallbackServerContext* context, const v1::CreateRepositoryRequest* request,
    v1::CreateRepositoryResponse* response) {
  return adapter_->Reply(
      "CreateRepository", context, response,
      [this, request](UnaryCall*, auto reply) { registry_->CreateRepository(*request, reply); });
}

grpc::ServerUnaryReactor* RegistryService::ListRepositories(
    grpc::CallbackServerContext* context, const v1::ListRepositoriesRequest* request,
    v1::ListRepositoriesResponse* response) {
  return adapter_->Block("ListRepositories", context, response,
                         [this, request] { return registry_->ListRepositories(*request); });
}

grpc::ServerUnaryReactor* RegistryService::Publish(grpc::CallbackServerContext* context,
                                                   const v1::PublishRequest* request,
                                                   v1::PublishResponse* response) {
  return adapter_->Reply("Publish", context, response,
                         [this, request](UnaryCall* call, auto reply) {
                           registry_->Publish(*request, ContextOf(call), reply);
                         });
}

grpc::ServerUnaryReactor* RegistryService::GetPrompt(grpc::CallbackServerContext* context,
                                                     const v1::GetPromptRequest* request,
                                                     v1::GetPromptResponse* response) {
  return adapter_->Block("GetPrompt", context, response,
                         [this, request] { return registry_->GetPrompt(*request); });
}

grpc::ServerUnaryReactor* RegistryService::ListPrompts(grpc::CallbackServerContext* context,
                                                       const v1::ListPromptsRequest* request,
                                                       v1::ListPromptsResponse* response) {
  return adapter_->Block("ListPrompts", context, response,
                         [this, request] { return registry_->ListPrompts(*request); });
}

grpc::ServerUnaryReactor* RegistryService::ListVersions(grpc::CallbackServerContext* context,
                                                        const v1::ListVersionsRequest* request,
                                                        v1::ListVersionsResponse* response) {
  return adapter_->Block("ListVersions", context, response,
                         [this, request] { return registry_->ListVersions(*request); });
}

grpc::ServerUnaryReactor* RegistryService::DiffVersions(grpc::CallbackServerContext* context,
                                                        const v1::DiffVersionsRequest* request,
                                                        v1::DiffVersionsResponse* response) {
  return adapter_->Block("DiffVersions", context, response,
                         [this, request] { return registry_->DiffVersions(*request); });
}

grpc::ServerUnaryReactor* RegistryService::ListLabels(grpc::CallbackServerContext* context,
                                                      const v1::ListLabelsRequest* request,
                                                      v1::ListLabelsResponse* response) {
  return adapter_->Block("ListLabels", context, response,
                         [this, request] { return registry_->ListLabels(*request); });
}

grpc::ServerUnaryReactor* RegistryService::UpdateLabel(grpc::CallbackServerContext* context,
                                                       const v1::UpdateLabelRequest* request,
                                                       v1::UpdateLabelResponse* response) {
  return adapter_->Reply("UpdateLabel", context, response,
                         [this, request](UnaryCall* call, auto reply) {
                           registry_->UpdateLabel(*request, ContextOf(call), reply);
                         });
}

grpc::ServerUnaryReactor* RegistryService::DeleteLabel(grpc::CallbackServerContext* context,
                                                       const v1::DeleteLabelRequest* request,
                                                       v1::DeleteLabelResponse* response) {
  return adapter_->Reply("DeleteLabel", context, response,
                         [this, request](UnaryCall* call, auto reply) {
                           registry_->DeleteLabel(*request, ContextOf(call), reply);
                         });
}

grpc::ServerUnaryReactor* RegistryService::GetChange(grpc::CallbackServerContext* context,
                                                     const v1::GetChangeRequest* request,
                                                     v1::GetChangeResponse* response) {
  return adapter_->Block("GetChange", context, response,
                         [this, request] { return registry_->GetChange(*request); });
}

grpc::ServerUnaryReactor* RegistryService::ListChanges(grpc::CallbackServerContext* context,
                                                       const v1::ListChangesRequest* request,
                                                       v1::ListChangesResponse* response) {
  return adapter_->Block("ListChanges", context, response,
                         [this, request] { return registry_->ListChanges(*request); });
}

grpc::ServerUnaryReactor* RegistryService::GetVersion(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return adapter_->InlineOrBlock("GetVersion", context, response, [this, request](bool may_block) {
    return ResolveToBytes(*request, may_block);
  });
}

absl::StatusOr<grpc::ByteBuffer> RegistryService::ResolveToBytes(const grpc::ByteBuffer& request,
                                                                 bool may_block) {
  ASSIGN_OR_RETURN(const v1::GetVersionRequest parsed, ParseVersionRequest(request));
  ASSIGN_OR_RETURN(const Resolution resolution, registry_->ResolveRequest(parsed, !may_block));
  return SerializeVersionResponse(resolution);
}

grpc::ServerWriteReactor<v1::WatchChangesResponse>* RegistryService::WatchChanges(
    grpc::CallbackServerContext* context, const v1::WatchChangesRequest* request) {
  return watchers_->Start(context, *request);
}

}  // namespace colophon
