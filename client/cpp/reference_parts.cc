#include "client/cpp/reference_parts.h"

#include <algorithm>

namespace colophon {
namespace {

bool All(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool IsFixed(std::string_view selector) {
  if (selector.substr(0, 1) == "v" && All(selector.substr(1), "0123456789")) return true;
  return selector.size() >= 7 && All(selector, "0123456789abcdef");
}

}  // namespace

ReferenceParts ReferenceParts::Of(std::string_view reference) {
  ReferenceParts parts;
  const size_t at = reference.find('@');
  const std::string_view name = reference.substr(0, at);
  const std::string_view selector =
      at == std::string_view::npos ? "production" : reference.substr(at + 1);
  const size_t slash = name.find('/');
  parts.repository = name.substr(0, slash);
  if (slash != std::string_view::npos) parts.prompt = name.substr(slash + 1);
  if (selector == "latest") {
    parts.kind = Kind::kLatest;
    parts.label = selector;
  } else if (selector.substr(0, 6) == "heads/") {
    parts.kind = Kind::kBranch;
  } else if (!IsFixed(selector)) {
    parts.kind = Kind::kLabel;
    parts.label = selector;
  }
  return parts;
}

}  // namespace colophon
