#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "service/base/permissions.h"

namespace colophon {

class ServedCall;

// A method of the API, once: every door serves it by this row.
struct Method {
  std::string name;  // "GetVersion"
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  const google::protobuf::Message* request_prototype = nullptr;
  // What the caller must be allowed: the dispatcher asks before the method runs.
  Right right = Right::kAdmin;
  // The fields of the request that name the repositories, or the prompts, that it is
  // about: {"repository"}, {"call.name"}. None: the whole server.
  std::vector<std::string> targets;
  // True: the right may hold for a part of the target only, and the method asks for each
  // thing that it touches (CheckRight).
  bool asks_itself = false;
  // How it runs: at once from memory, on a worker, answered later, streamed. Ends the
  // call, now or later, and doesn't block the thread that it is called on.
  std::function<void(const std::shared_ptr<ServedCall>&)> run;
};

}  // namespace colophon
