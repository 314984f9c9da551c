#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace colophon {

// Another prompt that a Langfuse prompt includes.
struct PromptReference {
  std::string name;
  std::string label;    // Or else:
  std::string version;  // Digits.
};

// "name=NAME|label=LABEL" or "name=NAME|version=NUMBER", as it stands between
// "@@@langfusePrompt:" and "@@@". nullopt when it is neither.
std::optional<PromptReference> ParseReference(std::string_view inside);

}  // namespace colophon
