#include "service/rpc/raw_service.h"

#include <cassert>
#include <utility>

namespace colophon {

RawService::RawService(const std::string& name, Adapter* adapter, int64_t max_message_bytes)
    : descriptor_(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name)),
      adapter_(adapter),
      max_message_bytes_(max_message_bytes) {
  assert(descriptor_ != nullptr);
  for (int i = 0; i < descriptor_->method_count(); ++i) {
    paths_.push_back("/" + name + "/" + descriptor_->method(i)->name());
  }
}

void RawService::AddRaw(const char* name, grpc::internal::RpcMethod::RpcType type,
                        grpc::internal::MethodHandler* handler) {
  const google::protobuf::MethodDescriptor* method = descriptor_->FindMethodByName(name);
  assert(method != nullptr);
  AddMethod(new grpc::internal::RpcServiceMethod(paths_[method->index()].c_str(), type,
                                                 /*handler=*/nullptr));
  MarkMethodRawCallback(added_++, handler);
}

void RawService::Begin(UnaryCall* call, grpc::ByteBuffer* request) {
  grpc::ByteBuffer bytes;
  bytes.Swap(request);
  absl::Status status = call->rpc().Begin(bytes, max_message_bytes_);
  const auto parse_and_run = [call](grpc::ByteBuffer* from) {
    if (absl::Status vain = call->rpc().IsInVain(); !vain.ok()) return call->End(std::move(vain));
    const auto parse = [&] { return ParseMessage(*from, call->request()); };
    absl::Status parsed = AnswerOf(parse);
    from->Clear();
    if (parsed.ok()) {
      call->RunMethod();
    } else {
      call->End(std::move(parsed));
    }
  };
  if (!status.ok()) {
    call->End(std::move(status));
  } else if (bytes.Length() <= kLargeBytes) {
    parse_and_run(&bytes);
  } else {
    // The method may answer, and gRPC be done with the call, before the worker is.
    call->Hold();
    status =
        adapter_->workers()->Run(call->rpc().call().caller, [call, bytes, parse_and_run]() mutable {
          parse_and_run(&bytes);
          call->Release();
        });
    if (!status.ok()) {
      call->End(std::move(status));
      call->Release();
    }
  }
  call->EndOfArrival();
}

}  // namespace colophon
