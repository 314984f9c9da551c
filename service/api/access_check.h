#pragma once

#include "google/protobuf/message.h"
#include "service/api/method.h"
#include "service/base/call.h"

namespace colophon {

// That the caller has the right that the method needs, for what the request names. What it
// names is only looked at, and may be malformed: the method says so.
absl::Status CheckAccess(const Method& method, const google::protobuf::Message& request,
                         const Call& call);

// What a name of the API is about: "acme", "acme/support/triage@production". A view into it.
Scope ScopeOfName(std::string_view name);

}  // namespace colophon
