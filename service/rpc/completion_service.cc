#include "service/rpc/completion_service.h"

#include <memory>
#include <utility>

#include "service/rpc/completion_stream.h"

namespace colophon {

CompletionService::CompletionService(Completer* completer, Adapter* adapter,
                                     int64_t max_message_bytes)
    : RawService(v1::CompletionService::service_full_name(), adapter, max_message_bytes),
      completer_(completer) {
  AddUnary("Render", &CompletionService::Render);
  AddUnary("Complete", &CompletionService::Complete);
  AddServerStreaming("StreamComplete", &CompletionService::StreamComplete);
}

void CompletionService::Render(UnaryCall* call, v1::RenderRequest* request,
                               v1::RenderResponse* response) {
  adapter()->Block(call, response, [this, request](const CallContext& context) {
    return completer_->Render(request, context);
  });
}

void CompletionService::Complete(UnaryCall* call, v1::CompleteRequest* request,
                                 v1::CompleteResponse* response) {
  adapter()->Reply(call, response, [this, call, request](auto reply) {
    std::shared_ptr<OpenCall> open =
        completer_->Start(call->rpc().call_with_time_left(), std::move(*request), nullptr, reply);
    call->set_on_cancel([open] { open->Cancel(); });
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* CompletionService::StreamComplete(
    grpc::CallbackServerContext* context, grpc::ByteBuffer* request) {
  return CompletionStream::Start(completer_, adapter(), max_message_bytes(), context, request);
}

}  // namespace colophon
