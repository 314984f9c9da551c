#pragma once

#include <functional>
#include <memory>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace colophon {

class ServedCall;

// What a caller needs to be allowed to call a method. Each is a right of its own; what
// a role has of them is a matter of access.
enum class Right {
  kNone,     // Everybody who may connect.
  kRead,     // Prompts, versions, labels, changes.
  kCall,     // Render, complete, and record what one has called oneself.
  kPublish,  // Change files.
  kRelease,  // Move labels.
  kAudit,    // Read records.
  kAdmin,
};

// A method of the API, once: every door serves it by this row.
struct Method {
  std::string name;  // "GetVersion"
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  const google::protobuf::Message* request_prototype = nullptr;
  Right right = Right::kAdmin;
  // The field of the request that names the repository, or the prompt, that it is
  // about: "repository", "name", "call.name". Empty: the whole server.
  std::string target;
  // How it runs: at once from memory, on a worker, answered later, streamed. Ends the
  // call, now or later, and doesn't block the thread that it is called on.
  std::function<void(const std::shared_ptr<ServedCall>&)> run;
};

}  // namespace colophon
