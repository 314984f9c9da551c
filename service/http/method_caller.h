#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "google/protobuf/message.h"
#include "service/api/dispatcher.h"
#include "service/base/task.h"
#include "service/http/inbound_call.h"

namespace colophon {

// Calls methods for a request that needs more than one: each is a call of the caller as any
// other, with its rights, its line in the log and its place in the counts.
//
// Used by one task.
class MethodCaller {
 public:
  // `on_call` is told of each call before it is served.
  MethodCaller(Dispatcher* dispatcher, InboundCallOptions options,
               std::function<void(std::shared_ptr<InboundCall>)> on_call)
      : dispatcher_(dispatcher), options_(std::move(options)), on_call_(std::move(on_call)) {}

  // A unary method, "colophon.v1.RegistryService.ListPrompts". `response` is of its type.
  Task<absl::Status> Call(std::string_view method, const google::protobuf::Message& request,
                          google::protobuf::Message* response);

  // For what is made of large answers.
  Workers* workers() const { return dispatcher_->workers(); }
  // For whom: an address.
  const std::string& address() const { return options_.address; }

 private:
  Dispatcher* const dispatcher_;
  const InboundCallOptions options_;
  const std::function<void(std::shared_ptr<InboundCall>)> on_call_;
};

}  // namespace colophon
