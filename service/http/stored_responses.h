#pragma once

#include <string>

#include "service/http/method_caller.h"
#include "service/http/routed_call.h"

namespace colophon {

// GET /v1/responses/ID: a record as a response of OpenAI's API. `query` is what stands behind
// the path. NOT_FOUND RECORD_NOT_FOUND; UNSUPPORTED for what the query asks for and isn't.
Task<absl::StatusOr<std::string>> GetResponse(MethodCaller& caller, const std::string& id,
                                              const std::string& target);

// Reads the record that a shape's call goes on from, if it names one; it counts as a part of
// the request.
Task<absl::Status> ReadPrevious(MethodCaller& caller, RoutedCall* call);

}  // namespace colophon
