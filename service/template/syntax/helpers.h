#pragma once

// What the template language knows of each helper before it is run.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "service/template/syntax/ast.h"

namespace colophon::syntax {

struct HelperInfo {
  Helper helper;
  std::string_view name;
  int min_params;
  int max_params;
  // Runs the block that it opens, so it can't stand without one.
  bool block;
  // Makes a piece of a message; stands for itself, never in an expression.
  bool structural;
  std::vector<std::string_view> hash;  // Known names of hash arguments.
};

// kNone: null.
const HelperInfo* FindHelper(std::string_view name);
const HelperInfo& InfoOf(Helper helper);

// "each, history, if, …": for messages.
std::string HelperNames();

// "system", "user", "model", "tool".
std::optional<v1::Role> RoleOf(std::string_view name);
// The other way; empty for none of these.
std::string_view RoleName(v1::Role role);

}  // namespace colophon::syntax
