#include "service/registry/case_twins.h"

#include <map>
#include <string_view>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/git/tree.h"

namespace colophon {
namespace {

using Path = std::set<std::string>::const_iterator;

struct Paths {
  Path begin;
  Path end;
};

// The paths [begin, end) are below the folder `id`, whose path with its slash is
// `prefix_size` bytes long. Sorted, those below one folder are neighbours.
absl::Status CheckFolder(ObjectReader& objects, const ObjectId& id, Paths paths,
                         size_t prefix_size) {
  ASSIGN_OR_RETURN(const SharedObject tree, objects.Get(id, ObjectType::kTree));
  ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries, ParseTree(tree->data));
  std::map<std::string_view, Paths> added;        // By name in this folder.
  std::map<std::string, std::string_view> names;  // The same, from lower case.
  for (Path path = paths.begin; path != paths.end; ++path) {
    const std::string_view rest = std::string_view(*path).substr(prefix_size);
    const std::string_view name = rest.substr(0, rest.find('/'));
    const auto [found, is_new] = added.emplace(name, Paths{path, std::next(path)});
    if (!is_new) found->second.end = std::next(path);
    if (is_new) names.emplace(absl::AsciiStrToLower({name.data(), name.size()}), name);
  }
  for (const TreeEntry& entry : entries) {
    const auto lower = names.find(absl::AsciiStrToLower({entry.name.data(), entry.name.size()}));
    if (lower == names.end()) continue;
    const Paths& below = added.at(lower->second);
    if (entry.name != lower->second) {
      const std::string folder = below.begin->substr(0, prefix_size);
      return InvalidArgument(
          "CASE_TWINS",
          fmt::format("{} and {} differ only in case, and would be one file on macOS and Windows; "
                      "choose another name, or delete the other one in the same change",
                      Quoted(fmt::format("{}{}", folder, entry.name)),
                      Quoted(fmt::format("{}{}", folder, lower->second))));
    }
    if (entry.is_folder()) {
      RETURN_IF_ERROR(CheckFolder(objects, entry.id, below, prefix_size + entry.name.size() + 1));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCaseTwins(ObjectReader& objects, const ObjectId& root,
                            const std::set<std::string>& added) {
  if (added.empty()) return absl::OkStatus();
  return CheckFolder(objects, root, {added.begin(), added.end()}, 0);
}

}  // namespace colophon
