#include "client/cli/tree.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string_view>

#include "client/cli/local_file.h"
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

// Links to folders are not followed, so this ends.
absl::StatusOr<std::vector<FoundFile>> FilesBelow(const fs::path& folder) {
  std::vector<FoundFile> files;
  std::error_code error;
  auto entries = fs::recursive_directory_iterator(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    const bool is_folder = fs::is_directory(entries->symlink_status(error));
    if (error) break;
    if (is_folder && path.filename().string().front() == '.') entries.disable_recursion_pending();
    if (!IsPublished(path)) continue;
    if (is_folder) {
      return InvalidArgument(
          "NOT_A_FILE",
          fmt::format("\"{}\" is a folder with a file's name: rename it", path.string()));
    }
    files.push_back({path, folder});
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

}  // namespace

fs::path AbsolutePath(const fs::path& path) {
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error) || !path.has_filename();
  const fs::path absolute = fs::absolute(path);
  const fs::path canonical =
      is_folder ? fs::weakly_canonical(absolute, error)
                : fs::weakly_canonical(absolute.parent_path(), error) / absolute.filename();
  return error ? absolute.lexically_normal() : canonical;
}

absl::StatusOr<std::vector<FoundFile>> FindFiles(const std::string& path) {
  const fs::path file = AbsolutePath(path);
  std::error_code error;
  if (fs::is_directory(file, error)) return FilesBelow(file);
  if (!fs::exists(fs::symlink_status(file, error))) {
    return NotFound("NO_FILE", fmt::format("no file or folder \"{}\"", path));
  }
  return std::vector<FoundFile>{{file, {}}};
}

absl::StatusOr<std::string> ReadFound(const FoundFile& file) {
  return file.folder.empty() ? ReadLocalFile(file.path, kMaxTreeFileBytes)
                             : ReadFileBelow(file.folder, file.path, kMaxTreeFileBytes);
}

absl::StatusOr<std::vector<LocalFile>> ReadTree(const std::vector<std::string>& paths,
                                                const TreeOptions& options) {
  std::map<std::string, FoundFile> found;
  for (const std::string& text : paths) {
    ASSIGN_OR_RETURN(const std::vector<FoundFile> files, FindFiles(text));
    const fs::path path = AbsolutePath(text);
    std::error_code error;
    fs::path root = options.root.empty() ? fs::path() : AbsolutePath(options.root);
    if (root.empty() && fs::is_directory(path, error)) root = path;
    if (root.empty()) root = fs::current_path(error);
    if (options.root.empty() && Relative(files[0].path, root).empty()) root = path.parent_path();
    for (const FoundFile& file : files) {
      ASSIGN_OR_RETURN(const std::string name, PathInRepository(file.path, root, options));
      const auto [there, added] = found.emplace(name, file);
      if (!added && there->second.path != file.path) {
        return InvalidArgument("TWO_FILES",
                               fmt::format("\"{}\" and \"{}\" would both be \"{}\"; use --root or "
                                           "--prefix, or publish them one by one",
                                           there->second.path.string(), file.path.string(), name));
      }
    }
  }
  std::vector<LocalFile> tree;
  for (const auto& [name, file] : found) {
    ASSIGN_OR_RETURN(std::string content, ReadFound(file));
    tree.push_back({name, std::move(content)});
  }
  return tree;
}

bool IsFolderFile(const std::string& path) {
  return !path.starts_with('.') && path.find("/.") == path.npos && IsPublished(path);
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
