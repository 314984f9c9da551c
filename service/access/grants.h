#pragma once

// What grants allow. Pure.

#include <string>
#include <string_view>

#include "colophon/v1/admin.pb.h"
#include "google/protobuf/repeated_field.h"
#include "service/base/permissions.h"

namespace colophon {

using Grants = google::protobuf::RepeatedPtrField<v1::Grant>;

// INVALID_ARGUMENT BAD_GRANT with the field, its value and the rule.
absl::Status CheckGrants(const Grants& grants);

// That one of them has the right for the whole scope. PERMISSION_DENIED RIGHT_MISSING, with
// the role that is missing: the same whether what is named exists or not, so it tells
// nothing of that.
absl::Status CheckGranted(const Grants& grants, std::string_view caller, Right right,
                          const Scope& scope);
// That one of them has the right for a part of the repository; empty: of any.
absl::Status CheckSomeGranted(const Grants& grants, std::string_view caller, Right right,
                              std::string_view repository);

}  // namespace colophon
