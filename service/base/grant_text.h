#pragma once

#include <string>

#include "colophon/v1/admin.pb.h"

namespace colophon {

// "publisher"; RoleOfName of any other word is ACCESS_ROLE_UNSPECIFIED.
std::string RoleName(v1::AccessRole role);
v1::AccessRole RoleOfName(const std::string& name);

// "publisher of acme/support/", "releaser of acme (staging)", "admin of everything"
std::string GrantText(const v1::Grant& grant);

}  // namespace colophon
