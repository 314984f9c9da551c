#include "service/registry/dependency_index.h"

#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

// "partial", "schema", "tool", or null for a file that nothing looks up.
const char* LookUpKind(FileKind kind) {
  switch (kind) {
    case FileKind::kPartial:
      return "partial";
    case FileKind::kSchema:
      return "schema";
    case FileKind::kTool:
      return "tool";
    default:
      return nullptr;
  }
}

// "a/b/_tone.prompt" → "a/b/tone", "a/get.tool.json" → "a/get".
std::string PathAsName(std::string_view path, FileKind kind) {
  const size_t slash = path.rfind('/') + 1;  // 0 without one.
  std::string folder(path.substr(0, slash));
  std::string_view file = path.substr(slash);
  if (kind == FileKind::kPartial) {
    file.remove_prefix(1);
    return folder + std::string(file.substr(0, file.rfind('.')));
  }
  file = file.substr(0, file.rfind('.'));  // ".json"
  return folder + std::string(file.substr(0, file.rfind('.')));
}

}  // namespace

void DependencyIndex::Update(Users& users, const std::string& prompt,
                             const std::vector<std::string>& before,
                             const std::vector<std::string>& after) {
  for (const std::string& key : before) {
    const auto found = users.find(key);
    if (found == users.end()) continue;
    found->second.erase(prompt);
    if (found->second.empty()) users.erase(found);
  }
  for (const std::string& key : after) users[key].insert(prompt);
}

void DependencyIndex::Set(const std::string& prompt, const std::vector<std::string>& paths,
                          const std::vector<std::string>& names) {
  const auto found = entries_.find(prompt);
  if (found == entries_.end() && paths.empty() && names.empty()) return;
  Entry& entry = found == entries_.end() ? entries_[prompt] : found->second;
  if (entry.paths != paths) {
    Update(by_path_, prompt, entry.paths, paths);
    entry.paths = paths;
  }
  if (entry.names != names) {
    Update(by_name_, prompt, entry.names, names);
    entry.names = names;
  }
  if (paths.empty() && names.empty()) entries_.erase(prompt);
}

std::set<std::string> DependencyIndex::PromptsThatMayUse(std::string_view path) const {
  std::set<std::string> prompts;
  if (const auto users = by_path_.find(std::string(path)); users != by_path_.end()) {
    prompts = users->second;
  }
  const FileKind file_kind = KindOfFile(path);
  const char* const kind = LookUpKind(file_kind);
  if (kind == nullptr) return prompts;
  // "a/b/_tone.prompt" is found as "tone" from a/b and below, as "b/tone" from
  // a and below, as "a/b/tone" from everywhere.
  const std::string name = PathAsName(path, file_kind);
  for (size_t begin = name.rfind('/') + 1;;) {
    std::string_view folder = std::string_view(name).substr(0, begin);
    const auto users = by_name_.find(fmt::format("{}:{}", kind, name.substr(begin)));
    // A tool is also found in the folder "tools" beside or above a prompt.
    if (file_kind == FileKind::kTool && (folder == "tools/" || folder.ends_with("/tools/"))) {
      folder.remove_suffix(6);
    }
    if (users != by_name_.end()) {
      // Those of the folder stand together: the others, of a name that every
      // folder has, aren't walked past for each of these folders.
      for (auto prompt = users->second.lower_bound(std::string(folder));
           prompt != users->second.end() && prompt->starts_with(folder); ++prompt) {
        prompts.insert(*prompt);
      }
    }
    if (begin == 0) return prompts;
    begin = begin < 2 ? 0 : name.rfind('/', begin - 2) + 1;
  }
}

}  // namespace colophon
