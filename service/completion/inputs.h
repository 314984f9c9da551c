#pragma once

// What a prompt is rendered from. The fields stand under the same names and numbers in
// RenderRequest, CompleteRequest, CreateRecordRequest and Intent, and an intent is where
// they are kept from the first step of a call on.

#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

// Moves the inputs of a request, one of the three, into an intent; what it doesn't give
// stays as it is there. A Struct becomes JSON text. INVALID_ARGUMENT BAD_VALUE with the
// field: both forms are given, or a number isn't finite.
template <class Request>
absl::Status TakeInputs(Request* request, v1::Intent* intent);

extern template absl::Status TakeInputs(v1::RenderRequest* request, v1::Intent* intent);
extern template absl::Status TakeInputs(v1::CompleteRequest* request, v1::Intent* intent);
extern template absl::Status TakeInputs(v1::CreateRecordRequest* request, v1::Intent* intent);

}  // namespace colophon
