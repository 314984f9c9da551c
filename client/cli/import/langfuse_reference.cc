#include "client/cli/import/langfuse_reference.h"

namespace colophon {

std::optional<PromptReference> ParseReference(std::string_view inside) {
  const size_t bar = inside.find('|');
  if (!inside.starts_with("name=") || bar == inside.npos) return std::nullopt;
  PromptReference reference;
  reference.name = inside.substr(5, bar - 5);
  const std::string_view selector = inside.substr(bar + 1);
  if (selector.starts_with("label=")) reference.label = selector.substr(6);
  if (selector.starts_with("version=")) reference.version = selector.substr(8);
  const bool one_selector = selector.find('|') == selector.npos;
  if (reference.name.empty() || !one_selector ||
      (reference.label.empty() && reference.version.empty())) {
    return std::nullopt;
  }
  return reference;
}

}  // namespace colophon
