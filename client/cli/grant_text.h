#pragma once

#include <string>
#include <vector>

#include "colophon/v1/admin.pb.h"
#include "service/base/status.h"

namespace colophon {

// "reader", "caller", …
std::vector<std::string> RoleNames();
v1::AccessRole RoleOfName(const std::string& name);

// "publisher of acme/support/", "releaser of acme (staging)", "admin of everything"
std::string GrantText(const v1::Grant& grant);

}  // namespace colophon
