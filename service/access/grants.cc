#include "service/access/grants.h"

#include <algorithm>
#include <iterator>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/base/field_check.h"
#include "service/base/grant_text.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

constexpr int kMaxGrants = 100;
constexpr int kMaxLabels = 100;
constexpr char kAll[] = "*";

// What may be done with each right, as messages say it, and the least role that has it.
struct RightWords {
  const char* verb;
  v1::AccessRole role;
};

RightWords WordsOf(Right right) {
  switch (right) {
    case Right::kNone:
    case Right::kRead:
      return {"read", v1::ACCESS_ROLE_READER};
    case Right::kCall:
      return {"call", v1::ACCESS_ROLE_CALLER};
    case Right::kPublish:
      return {"publish to", v1::ACCESS_ROLE_PUBLISHER};
    case Right::kRelease:
      return {"move labels of", v1::ACCESS_ROLE_RELEASER};
    case Right::kAudit:
      return {"read records of", v1::ACCESS_ROLE_AUDITOR};
    case Right::kAdmin:
      break;
  }
  return {"administer", v1::ACCESS_ROLE_ADMIN};
}

bool HasRight(v1::AccessRole role, Right right) {
  if (right == Right::kNone || right == Right::kRead) return role != v1::ACCESS_ROLE_UNSPECIFIED;
  switch (role) {
    case v1::ACCESS_ROLE_CALLER:
      return right == Right::kCall;
    case v1::ACCESS_ROLE_PUBLISHER:
      return right == Right::kCall || right == Right::kPublish;
    case v1::ACCESS_ROLE_RELEASER:
      return right == Right::kRelease;
    case v1::ACCESS_ROLE_AUDITOR:
      return right == Right::kAudit;
    case v1::ACCESS_ROLE_ADMIN:
      return true;
    default:
      return false;
  }
}

bool IsOfRepository(const v1::Grant& grant, std::string_view repository) {
  return grant.repository() == kAll || (!repository.empty() && grant.repository() == repository);
}

bool IsFolder(std::string_view prompts) { return prompts.ends_with('/'); }

// Whether all that begins with `asked`, or the one prompt or file of that path, is granted.
bool CoversPrompts(std::string_view granted, std::string_view asked) {
  if (granted.empty()) return true;
  if (IsFolder(granted)) return asked.starts_with(granted);
  return asked == granted || asked == PathOfPrompt(granted) || asked == LabelsPathOfPrompt(granted);
}

bool CoversLabel(const v1::Grant& grant, std::string_view label) {
  return grant.labels().empty() ||
         std::find(grant.labels().begin(), grant.labels().end(), label) != grant.labels().end();
}

bool Covers(const v1::Grant& grant, Right right, const Scope& scope) {
  return HasRight(grant.role(), right) && IsOfRepository(grant, scope.repository) &&
         CoversPrompts(grant.prompts(), scope.prompts) &&
         (right != Right::kRelease || CoversLabel(grant, scope.label));
}

// "\"support/triage\" in \"acme\"", "all of \"acme\"", "the server".
std::string Told(const Scope& scope) {
  if (scope.repository.empty()) return "the server";
  if (scope.prompts.empty()) return fmt::format("all of {}", Quoted(scope.repository));
  return fmt::format("{} in {}", Quoted(scope.prompts), Quoted(scope.repository));
}

// "publisher of acme/support/, releaser of acme (staging)"
std::string Told(const Grants& grants) {
  constexpr int kMaxTold = 8;
  std::vector<std::string> told;
  for (const v1::Grant& grant : grants) {
    if (std::ssize(told) == kMaxTold) {
      told.push_back("…");
      break;
    }
    told.push_back(GrantText(grant));
  }
  return fmt::format("{}", fmt::join(told, ", "));
}

// `deed`: "publish to support/triage in acme".
absl::Status Missing(const Grants& grants, std::string_view caller, v1::AccessRole role,
                     std::string_view deed, std::string_view repository) {
  return Error(absl::StatusCode::kPermissionDenied, "RIGHT_MISSING",
               fmt::format("{} may not {}: that takes the role {}, and its key is {}. Ask who "
                           "administers {} for one",
                           Quoted(caller), deed, RoleName(role), Told(grants),
                           repository.empty() ? "this server" : Quoted(repository)),
               {{"role", RoleName(role)}});
}

absl::Status BadGrant(int index, std::string_view field, std::string_view value,
                      std::string_view rule) {
  return BadField("BAD_GRANT", fmt::format("key.grants[{}].{}", index, field), Quoted(value), rule);
}

absl::Status CheckGrant(const v1::Grant& grant, int index) {
  if (grant.role() == v1::ACCESS_ROLE_UNSPECIFIED || !v1::AccessRole_IsValid(grant.role())) {
    return BadGrant(index, "role", std::to_string(grant.role()),
                    "it must be reader, caller, publisher, releaser, auditor or admin");
  }
  if (grant.repository() != kAll && !CheckRepositoryName(grant.repository()).ok()) {
    return BadGrant(index, "repository", grant.repository(),
                    "it must be the name of a repository, or \"*\" for all");
  }
  if (!grant.prompts().empty()) {
    std::string path = grant.prompts();
    if (IsFolder(path)) path.pop_back();
    if (!CheckPromptPath(path).ok()) {
      return BadGrant(index, "prompts", grant.prompts(),
                      "it must be a folder, \"support/\", or a prompt, \"support/triage\"");
    }
  }
  if (!grant.labels().empty() && grant.role() != v1::ACCESS_ROLE_RELEASER) {
    return BadGrant(index, "labels", grant.labels(0), "only a releaser has labels");
  }
  if (grant.labels_size() > kMaxLabels) {
    return BadGrant(index, "labels", fmt::format("{} labels", grant.labels_size()),
                    fmt::format("at most {} are allowed", kMaxLabels));
  }
  for (const std::string& label : grant.labels()) {
    if (const absl::Status status = CheckLabel(label); !status.ok()) {
      return BadGrant(index, "labels", label, MessageOf(status));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckGrants(const Grants& grants) {
  if (grants.empty() || grants.size() > kMaxGrants) {
    return BadField("BAD_GRANT", "key.grants", fmt::format("{} grants", grants.size()),
                    fmt::format("there must be 1 to {}", kMaxGrants));
  }
  for (int i = 0; i < grants.size(); ++i) RETURN_IF_ERROR(CheckGrant(grants[i], i));
  return absl::OkStatus();
}

absl::Status CheckGranted(const Grants& grants, std::string_view caller, Right right,
                          const Scope& scope) {
  for (const v1::Grant& grant : grants) {
    if (Covers(grant, right, scope)) return absl::OkStatus();
  }
  const RightWords words = WordsOf(right);
  const std::string deed =
      scope.label.empty() ? fmt::format("{} {}", words.verb, Told(scope))
                          : fmt::format("move label {} of {}", Quoted(scope.label), Told(scope));
  return Missing(grants, caller, words.role, deed, scope.repository);
}

absl::Status CheckSomeGranted(const Grants& grants, std::string_view caller, Right right,
                              std::string_view repository) {
  for (const v1::Grant& grant : grants) {
    const bool is_of = repository.empty() || IsOfRepository(grant, repository);
    if (is_of && HasRight(grant.role(), right)) return absl::OkStatus();
  }
  const RightWords words = WordsOf(right);
  const std::string deed =
      fmt::format("{} {}", words.verb, repository.empty() ? "anything here" : Quoted(repository));
  return Missing(grants, caller, words.role, deed, repository);
}

}  // namespace colophon
