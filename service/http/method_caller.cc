#include "service/http/method_caller.h"

#include <utility>

namespace colophon {
namespace {

// A request that is a message already, and an answer that is taken as one.
class MessageDialect final : public Dialect {
 public:
  explicit MessageDialect(const google::protobuf::Message& request) : request_(request.New()) {
    request_->CopyFrom(request);
  }

  bool is_stream() const override { return false; }
  std::string_view content_type() const override { return ""; }
  absl::Status Read(google::protobuf::Message* request) override {
    request->CopyFrom(*request_);
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Write(const Answer&) override { return ""; }
  std::string WriteEnd(const absl::Status&) override { return ""; }
  bool fails_within_stream() const override { return false; }

 private:
  const std::unique_ptr<google::protobuf::Message> request_;
};

}  // namespace

Task<absl::Status> MethodCaller::Call(std::string_view method,
                                      const google::protobuf::Message& request,
                                      google::protobuf::Message* response) {
  const Method* const row = dispatcher_->Find(method);
  if (row == nullptr) co_return Internal("a method isn't in the table");
  InboundCallOptions options = options_;
  options.request_bytes = request.ByteSizeLong();
  const auto call = std::make_shared<InboundCall>(
      row, dispatcher_->counters(), std::make_unique<MessageDialect>(request), std::move(options));
  on_call_(call);
  dispatcher_->Serve(call);
  InboundCall::Event event = co_await call->Next();
  CO_RETURN_IF_ERROR(call->StatusOfEnd(event));
  if (event.message.message() != nullptr) {
    response->CopyFrom(*event.message.message());
  } else if (!response->ParseFromString(std::string(event.message.bytes()))) {
    co_return Internal("an answer can't be read again");
  }
  co_return absl::OkStatus();
}

}  // namespace colophon
