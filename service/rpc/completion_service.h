#pragma once

#include "colophon/v1/completion.grpc.pb.h"
#include "service/completion/completer.h"
#include "service/rpc/adapter.h"

namespace colophon {

// Thread-safe.
class CompletionService final : public v1::CompletionService::CallbackService {
 public:
  CompletionService(Completer* completer, Adapter* adapter)
      : completer_(completer), adapter_(adapter) {}

  grpc::ServerUnaryReactor* Render(grpc::CallbackServerContext* context,
                                   const v1::RenderRequest* request,
                                   v1::RenderResponse* response) override;
  grpc::ServerUnaryReactor* Complete(grpc::CallbackServerContext* context,
                                     const v1::CompleteRequest* request,
                                     v1::CompleteResponse* response) override;
  grpc::ServerWriteReactor<v1::StreamCompleteResponse>* StreamComplete(
      grpc::CallbackServerContext* context, const v1::StreamCompleteRequest* request) override;

 private:
  Completer* const completer_;
  Adapter* const adapter_;
};

}  // namespace colophon
