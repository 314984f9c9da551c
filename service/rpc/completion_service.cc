#include "service/rpc/completion_service.h"

#include <memory>

#include "service/rpc/completion_stream.h"

namespace colophon {

grpc::ServerUnaryReactor* CompletionService::Render(grpc::CallbackServerContext* context,
                                                    const v1::RenderRequest* request,
                                                    v1::RenderResponse* response) {
  return adapter_->Block("Render", context, response, [this, request](const CallContext& call) {
    return completer_->Render(*request, call);
  });
}

grpc::ServerUnaryReactor* CompletionService::Complete(grpc::CallbackServerContext* context,
                                                      const v1::CompleteRequest* request,
                                                      v1::CompleteResponse* response) {
  return adapter_->Reply("Complete", context, response,
                         [this, request](UnaryCall* call, auto reply) {
                           std::shared_ptr<OpenCall> open =
                               completer_->Start(call->rpc().call(), *request, nullptr, reply);
                           call->set_on_cancel([open] { open->Cancel(); });
                         });
}

grpc::ServerWriteReactor<v1::StreamCompleteResponse>* CompletionService::StreamComplete(
    grpc::CallbackServerContext* context, const v1::StreamCompleteRequest* request) {
  return CompletionStream::Start(completer_, adapter_->counters(), context, *request);
}

}  // namespace colophon
