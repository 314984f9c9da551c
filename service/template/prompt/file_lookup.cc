#include "service/template/prompt/file_lookup.h"

#include "fmt/format.h"

namespace colophon::prompt {

bool IsFileName(std::string_view name) {
  if (name.empty() || name.size() > 200) return false;
  bool at_start = true;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (at_start ? !letter : !(letter || c == '_' || c == '-' || c == '.' || c == '/'))
      return false;
    at_start = c == '/';
  }
  return !at_start;
}

std::vector<std::string> FoldersOf(std::string_view path) {
  std::vector<std::string> folders;
  for (size_t slash = path.rfind('/'); slash != path.npos; slash = path.rfind('/')) {
    folders.emplace_back(path.substr(0, slash + 1));
    path = path.substr(0, slash);
  }
  folders.emplace_back();
  return folders;
}

std::string PartialFile(std::string_view name) {
  const size_t slash = name.rfind('/');
  const size_t begin = slash == name.npos ? 0 : slash + 1;
  return fmt::format("{}_{}.prompt", name.substr(0, begin), name.substr(begin));
}

}  // namespace colophon::prompt
