#include "service/template/syntax/helpers.h"

#include <limits>

namespace colophon::syntax {
namespace {

constexpr int kAny = std::numeric_limits<int>::max();

const std::vector<HelperInfo>& Helpers() {
  static const auto* const kHelpers = new std::vector<HelperInfo>{
      {Helper::kEach, "each", 1, 1, true, false, {}},
      {Helper::kHistory, "history", 0, 0, false, true, {}},
      {Helper::kIf, "if", 1, 1, true, false, {"includeZero"}},
      {Helper::kIfEquals, "ifEquals", 2, 2, true, false, {}},
      {Helper::kJson, "json", 1, 1, false, false, {"indent"}},
      {Helper::kLog, "log", 0, kAny, false, false, {"level"}},
      {Helper::kLookup, "lookup", 2, 2, false, false, {}},
      {Helper::kMedia, "media", 0, 0, false, true, {"contentType", "url"}},
      {Helper::kRole, "role", 1, 1, false, true, {}},
      {Helper::kSection, "section", 1, 1, false, true, {}},
      {Helper::kUnless, "unless", 1, 1, true, false, {"includeZero"}},
      {Helper::kUnlessEquals, "unlessEquals", 2, 2, true, false, {}},
      {Helper::kWith, "with", 1, 1, true, false, {}},
  };
  return *kHelpers;
}

}  // namespace

const HelperInfo* FindHelper(std::string_view name) {
  for (const HelperInfo& info : Helpers()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

const HelperInfo& InfoOf(Helper helper) {
  for (const HelperInfo& info : Helpers()) {
    if (info.helper == helper) return info;
  }
  static const HelperInfo kVariable{Helper::kNone, "", 0, 0, false, false, {}};
  return kVariable;
}

std::string HelperNames() {
  std::string names;
  for (const HelperInfo& info : Helpers()) {
    if (!names.empty()) names += ", ";
    names += info.name;
  }
  return names;
}

std::optional<v1::Role> RoleOf(std::string_view name) {
  if (name == "system") return v1::ROLE_SYSTEM;
  if (name == "user") return v1::ROLE_USER;
  if (name == "model") return v1::ROLE_MODEL;
  if (name == "tool") return v1::ROLE_TOOL;
  return std::nullopt;
}

std::string_view RoleName(v1::Role role) {
  for (const std::string_view name : {"system", "user", "model", "tool"}) {
    if (RoleOf(name) == role) return name;
  }
  return "";
}

}  // namespace colophon::syntax
