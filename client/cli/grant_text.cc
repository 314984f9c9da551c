#include "client/cli/grant_text.h"

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace colophon {
namespace {

constexpr std::string_view kPrefix = "ACCESS_ROLE_";

std::string NameOf(v1::AccessRole role) {
  return absl::AsciiStrToLower(v1::AccessRole_Name(role).substr(kPrefix.size()));
}

}  // namespace

std::vector<std::string> RoleNames() {
  std::vector<std::string> names;
  for (int role = v1::ACCESS_ROLE_READER; role <= v1::AccessRole_MAX; ++role) {
    names.push_back(NameOf(static_cast<v1::AccessRole>(role)));
  }
  return names;
}

v1::AccessRole RoleOfName(const std::string& name) {
  v1::AccessRole role = v1::ACCESS_ROLE_UNSPECIFIED;
  v1::AccessRole_Parse(std::string(kPrefix) + absl::AsciiStrToUpper(name), &role);
  return role;
}

std::string GrantText(const v1::Grant& grant) {
  std::string text = fmt::format("{} of {}", NameOf(grant.role()),
                                 grant.repository() == "*" ? "everything" : grant.repository());
  if (!grant.prompts().empty()) text += "/" + grant.prompts();
  if (!grant.labels().empty()) text += fmt::format(" ({})", fmt::join(grant.labels(), ", "));
  return text;
}

}  // namespace colophon
