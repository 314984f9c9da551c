#include "service/rpc/registry_service.h"

namespace colophon {
namespace {

ChangeContext ContextOf(UnaryCall* call) {
  return {.caller = call->rpc().call().caller, .stop = call->rpc().call().stop};
}

}  // namespace

RegistryService::RegistryService(Registry* registry, Watchers* watchers, Adapter* adapter,
                                 int64_t max_message_bytes)
    : RawService(v1::RegistryService::service_full_name(), adapter, max_message_bytes),
      registry_(registry),
      watchers_(watchers) {
  AddUnary("CreateRepository", &RegistryService::CreateRepository);
  AddUnary("ListRepositories", &RegistryService::ListRepositories);
  AddUnary("Publish", &RegistryService::Publish);
  AddUnary("GetPrompt", &RegistryService::GetPrompt);
  AddUnary("ListPrompts", &RegistryService::ListPrompts);
  AddUnary("ListVersions", &RegistryService::ListVersions);
  AddUnary("DiffVersions", &RegistryService::DiffVersions);
  AddUnary("ListLabels", &RegistryService::ListLabels);
  AddUnary("UpdateLabel", &RegistryService::UpdateLabel);
  AddUnary("DeleteLabel", &RegistryService::DeleteLabel);
  AddUnary("GetChange", &RegistryService::GetChange);
  AddUnary("ListChanges", &RegistryService::ListChanges);
  AddUnary("GetVersion", &RegistryService::GetVersion);
  AddServerStreaming("WatchChanges", &RegistryService::WatchChanges);
}

void RegistryService::CreateRepository(UnaryCall* call, v1::CreateRepositoryRequest* request,
                                       v1::CreateRepositoryResponse* response) {
  adapter()->Reply(call, response,
                   [this, request](auto reply) { registry_->CreateRepository(*request, reply); });
}

void RegistryService::ListRepositories(UnaryCall* call, v1::ListRepositoriesRequest* request,
                                       v1::ListRepositoriesResponse* response) {
  adapter()->Block(call, response,
                   [this, request] { return registry_->ListRepositories(*request); });
}

void RegistryService::Publish(UnaryCall* call, v1::PublishRequest* request,
                              v1::PublishResponse* response) {
  adapter()->Reply(call, response, [this, call, request](auto reply) {
    registry_->Publish(*request, ContextOf(call), reply);
  });
}

void RegistryService::GetPrompt(UnaryCall* call, v1::GetPromptRequest* request,
                                v1::GetPromptResponse* response) {
  adapter()->Block(call, response, [this, request] { return registry_->GetPrompt(*request); });
}

void RegistryService::ListPrompts(UnaryCall* call, v1::ListPromptsRequest* request,
                                  v1::ListPromptsResponse* response) {
  adapter()->Block(call, response, [this, request] { return registry_->ListPrompts(*request); });
}

void RegistryService::ListVersions(UnaryCall* call, v1::ListVersionsRequest* request,
                                   v1::ListVersionsResponse* response) {
  adapter()->Block(call, response, [this, request] { return registry_->ListVersions(*request); });
}

void RegistryService::DiffVersions(UnaryCall* call, v1::DiffVersionsRequest* request,
                                   v1::DiffVersionsResponse* response) {
  adapter()->Block(call, response, [this, request] { return registry_->DiffVersions(*request); });
}

void RegistryService::ListLabels(UnaryCall* call, v1::ListLabelsRequest* request,
                                 v1::ListLabelsResponse* response) {
  adapter()->Block(call, response, [this, request] { return registry_->ListLabels(*request); });
}

void RegistryService::UpdateLabel(UnaryCall* call, v1::UpdateLabelRequest* request,
                                  v1::UpdateLabelResponse* response) {
  adapter()->Reply(call, response, [this, call, request](auto reply) {
    registry_->UpdateLabel(*request, ContextOf(call), reply);
  });
}

void RegistryService::DeleteLabel(UnaryCall* call, v1::DeleteLabelRequest* request,
                                  v1::DeleteLabelResponse* response) {
  adapter()->Reply(call, response, [this, call, request](auto reply) {
    registry_->DeleteLabel(*request, ContextOf(call), reply);
  });
}

void RegistryService::GetChange(UnaryCall* call, v1::GetChangeRequest* request,
                                v1::GetChangeResponse* response) {
  adapter()->Block(call, response, [this, request] { return registry_->GetChange(*request); });
}

void RegistryService::ListChanges(UnaryCall* call, v1::ListChangesRequest* request,
                                  v1::ListChangesResponse* response) {
  adapter()->Block(call, response, [this, request] { return registry_->ListChanges(*request); });
}

void RegistryService::GetVersion(UnaryCall* call, v1::GetVersionRequest* request,
                                 Resolution* response) {
  adapter()->InlineOrBlock(call, response, [this, request](bool may_block) {
    return registry_->ResolveRequest(*request, !may_block);
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* RegistryService::WatchChanges(
    grpc::CallbackServerContext* context, grpc::ByteBuffer* request) {
  return watchers_->Start(context, *request);
}

}  // namespace colophon
