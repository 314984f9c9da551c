#include "service/rpc/unary_call.h"

#include <utility>

#include "service/rpc/message.h"
#include "service/rpc/status.h"

namespace colophon {

UnaryCall::UnaryCall(const Method* method, CallCounters* counters, const GrpcRules* rules,
                     grpc::CallbackServerContext* context, grpc::ByteBuffer* request,
                     grpc::ByteBuffer* answer)
    : GrpcCall(method, counters, rules, context, request), answer_(answer) {}

void UnaryCall::Write(Answer, std::function<void(bool)> written) { written(false); }

void UnaryCall::Send(Answer answer) { Send(SerializeAnswer(answer, answer_)); }

void UnaryCall::Send(const absl::Status& status) {
  Close(status);
  grpc::Status end = ToGrpc(status);
  NoteOrder();
  Finish(std::move(end));
}

void UnaryCall::OnCancel() {
  NoteOrder();
  OnCancelled();
}

void UnaryCall::OnDone() {
  NoteOrder();
  self_ = nullptr;  // May be the last of this.
}

}  // namespace colophon
