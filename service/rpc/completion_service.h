#pragma once

#include "colophon/v1/completion.grpc.pb.h"
#include "service/completion/completer.h"
#include "service/rpc/raw_service.h"

namespace colophon {

// Thread-safe.
class CompletionService final : public RawService {
 public:
  CompletionService(Completer* completer, Adapter* adapter, int64_t max_message_bytes);

  void Render(UnaryCall* call, v1::RenderRequest* request, v1::RenderResponse* response);
  void Complete(UnaryCall* call, v1::CompleteRequest* request, v1::CompleteResponse* response);
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamComplete(grpc::CallbackServerContext* context,
                                                             grpc::ByteBuffer* request);

 private:
  Completer* const completer_;
};

}  // namespace colophon
