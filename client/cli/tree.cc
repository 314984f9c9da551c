#include "client/cli/tree.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string_view>

#include "client/cli/arguments.h"
#include "fmt/format.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPromptSuffix = ".prompt";
constexpr std::array<std::string_view, 4> kSuffixes = {kPromptSuffix, ".labels.yaml",
                                                       ".schema.json", ".tool.json"};

bool EndsWith(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

bool IsPublished(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.front() != '.' && std::any_of(kSuffixes.begin(), kSuffixes.end(),
                                            [&](auto suffix) { return EndsWith(name, suffix); });
}

// Symbolic links to folders are not followed, so this ends.
absl::StatusOr<std::vector<fs::path>> FilesBelow(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  auto entries = fs::recursive_directory_iterator(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const bool hidden = entries->path().filename().string().front() == '.';
    if (hidden && entries->is_directory(error)) entries.disable_recursion_pending();
    if (entries->is_regular_file(error) && IsPublished(entries->path())) {
      files.push_back(entries->path());
    }
  }
  if (error) {
    return NotFound("NO_FILE",
                    fmt::format("can't read \"{}\": {}", folder.string(), error.message()));
  }
  if (files.empty()) {
    return InvalidArgument("NO_FILES",
                           fmt::format("no .prompt, .labels.yaml, .schema.json or .tool.json file "
                                       "in \"{}\" or below",
                                       folder.string()));
  }
  return files;
}

// Empty when `path` is not below `root`.
std::string Relative(const fs::path& path, const fs::path& root) {
  const std::string relative = path.lexically_relative(root).generic_string();
  return relative == ".." || relative.rfind("../", 0) == 0 || relative == "." ? "" : relative;
}

absl::StatusOr<std::string> PathInRepository(const fs::path& file, const fs::path& root,
                                             const TreeOptions& options) {
  const std::string relative = Relative(file, root);
  if (relative.empty()) {
    return InvalidArgument("OUTSIDE_ROOT", fmt::format("\"{}\" is not below the root \"{}\"",
                                                       file.string(), root.string()));
  }
  if (options.prefix.empty()) return relative;
  return (fs::path(options.prefix) / relative).lexically_normal().generic_string();
}

fs::path Absolute(const fs::path& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? fs::absolute(path).lexically_normal() : canonical;
}

}  // namespace

absl::StatusOr<std::vector<fs::path>> FindFiles(const std::string& path) {
  const fs::path file = Absolute(path);
  std::error_code error;
  if (fs::is_directory(file, error)) return FilesBelow(file);
  if (!fs::exists(file, error)) {
    return NotFound("NO_FILE", fmt::format("no file or folder \"{}\"", path));
  }
  return std::vector<fs::path>{file};
}

absl::StatusOr<std::vector<LocalFile>> ReadTree(const std::vector<std::string>& paths,
                                                const TreeOptions& options) {
  std::map<std::string, fs::path> found;
  for (const std::string& text : paths) {
    ASSIGN_OR_RETURN(const std::vector<fs::path> files, FindFiles(text));
    const fs::path path = Absolute(text);
    std::error_code error;
    fs::path root = options.root.empty() ? fs::path() : Absolute(options.root);
    if (root.empty() && fs::is_directory(path, error)) root = path;
    if (root.empty()) root = fs::current_path(error);
    if (options.root.empty() && Relative(files[0], root).empty()) root = path.parent_path();
    for (const fs::path& file : files) {
      ASSIGN_OR_RETURN(const std::string name, PathInRepository(file, root, options));
      const auto [there, added] = found.emplace(name, file);
      if (!added && there->second != file) {
        return InvalidArgument("TWO_FILES",
                               fmt::format("\"{}\" and \"{}\" would both be \"{}\"; use --root or "
                                           "--prefix, or publish them one by one",
                                           there->second.string(), file.string(), name));
      }
    }
  }
  std::vector<LocalFile> tree;
  for (const auto& [name, file] : found) {
    ASSIGN_OR_RETURN(std::string content, ReadInput(file.string()));
    tree.push_back({name, std::move(content)});
  }
  return tree;
}

std::string PromptOfFile(const std::string& path) {
  const size_t slash = path.rfind('/');
  const size_t name = slash == std::string::npos ? 0 : slash + 1;
  if (!EndsWith(path, kPromptSuffix) || path.size() - name == kPromptSuffix.size() ||
      path[name] == '_') {
    return "";
  }
  return path.substr(0, path.size() - kPromptSuffix.size());
}

}  // namespace colophon
