#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// The word before those that `colophon` is asked to go on with, by the scripts below.
inline constexpr char kCandidatesCommand[] = "__candidates";

// "bash", "zsh", "fish"
std::vector<std::string> Shells();

// What makes a shell complete `colophon`'s command lines.
// REQUIRES: one of Shells().
std::string_view CompletionScript(std::string_view shell);

}  // namespace colophon
