#pragma once

// Where the files are looked for that a prompt names.

#include <string>
#include <string_view>
#include <vector>

namespace colophon::prompt {

// NAME or FOLDER/NAME: what can be a file's name without leaving the tree.
bool IsFileName(std::string_view name);

// "support/", "" of "support/triage.prompt": its own folder and those above, the nearest
// first.
std::vector<std::string> FoldersOf(std::string_view path);

// The file of the partial "a/b": "a/_b.prompt".
std::string PartialFile(std::string_view name);

}  // namespace colophon::prompt
