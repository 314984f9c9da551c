#include "service/api/access_check.h"

#include <cassert>
#include <string>

namespace colophon {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The text of a field by its path, "call.name"; empty when it isn't set.
std::string ValueAt(const Message& message, std::string_view path) {
  const size_t point = path.find('.');
  const std::string name(path.substr(0, point));
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
  assert(field != nullptr);
  if (point == path.npos) return message.GetReflection()->GetString(message, field);
  return ValueAt(message.GetReflection()->GetMessage(message, field), path.substr(point + 1));
}

}  // namespace

Scope ScopeOfName(std::string_view name) {
  Scope scope;
  const size_t selector = name.find('@');
  // A label's name may be asked for by what it is; other selectors are no labels, and no
  // grant has them.
  if (selector != name.npos) scope.label = name.substr(selector + 1);
  name = name.substr(0, selector);
  const size_t slash = name.find('/');
  scope.repository = name.substr(0, slash);
  if (slash != name.npos) scope.prompts = name.substr(slash + 1);
  return scope;
}

absl::Status CheckAccess(const Method& method, const Message& request, const Call& call) {
  if (call.permissions == nullptr || method.right == Right::kNone) return absl::OkStatus();
  if (method.targets.empty()) {
    return method.asks_itself ? CheckSomeRight(call, method.right, "")
                              : CheckRight(call, method.right, {});
  }
  for (const std::string& target : method.targets) {
    const std::string name = ValueAt(request, target);
    const Scope scope = ScopeOfName(name);
    RETURN_IF_ERROR(method.asks_itself ? CheckSomeRight(call, method.right, scope.repository)
                                       : CheckRight(call, method.right, scope));
  }
  return absl::OkStatus();
}

}  // namespace colophon
