#include "service/base/grant_text.h"

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace colophon {
namespace {

constexpr std::string_view kPrefix = "ACCESS_ROLE_";

}  // namespace

std::string RoleName(v1::AccessRole role) {
  return absl::AsciiStrToLower(v1::AccessRole_Name(role).substr(kPrefix.size()));
}

v1::AccessRole RoleOfName(const std::string& name) {
  v1::AccessRole role = v1::ACCESS_ROLE_UNSPECIFIED;
  v1::AccessRole_Parse(std::string(kPrefix) + absl::AsciiStrToUpper(name), &role);
  return role;
}

std::string GrantText(const v1::Grant& grant) {
  std::string text = fmt::format("{} of {}", RoleName(grant.role()),
                                 grant.repository() == "*" ? "everything" : grant.repository());
  if (!grant.prompts().empty()) text += "/" + grant.prompts();
  if (!grant.labels().empty()) text += fmt::format(" ({})", fmt::join(grant.labels(), ", "));
  return text;
}

}  // namespace colophon
