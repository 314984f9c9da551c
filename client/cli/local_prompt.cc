#include "client/cli/local_prompt.h"

#include <optional>

#include "client/cli/local_file.h"
#include "client/cli/working_folder.h"
#include "fmt/format.h"
#include "service/template/prompt/closure_loader.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

// The nearest folder above `file` that has `name`, else the top.
fs::path FolderAbove(const fs::path& file, const char* name) {
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    std::error_code error;
    if (fs::exists(folder / name, error) || folder == folder.parent_path()) return folder;
  }
}

// Where names are looked for in the end: the working folder, else the folder that git
// has, else the top.
fs::path RootOf(const fs::path& file) {
  const fs::path working = FolderAbove(file, kFolderFile);
  return working != working.root_path() ? working : FolderAbove(file, ".git");
}

// A link that leads nowhere is there, and an error: else the search would go on to
// another file of that name.
absl::StatusOr<std::optional<std::string>> ReadIfThere(const LocalPath& local,
                                                       const std::string& name) {
  std::error_code error;
  const fs::path path = local.root / name;
  if (!fs::exists(fs::symlink_status(path, error))) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string content, name == local.path
                                            ? ReadFound(local.file)
                                            : ReadFileBelow(local.root, path, kMaxTreeFileBytes));
  return std::optional<std::string>(std::move(content));
}

}  // namespace

absl::StatusOr<LocalPath> FindLocalPath(const FoundFile& file, const std::string& root) {
  std::error_code error;
  LocalPath local{.file = file,
                  .root = root.empty() ? RootOf(file.path) : fs::weakly_canonical(root, error),
                  .path = ""};
  local.path = file.path.lexically_relative(local.root).generic_string();
  if (local.path.empty() || local.path.rfind("..", 0) == 0) {
    return InvalidArgument("OUTSIDE_ROOT", fmt::format("\"{}\" is not below the root \"{}\"",
                                                       file.path.string(), root));
  }
  return local;
}

absl::StatusOr<LocalPath> FindLocalPath(const std::string& file, const std::string& root) {
  std::error_code error;
  const fs::path found = AbsolutePath(file);
  if (!fs::exists(fs::symlink_status(found, error)) || fs::is_directory(found, error)) {
    return NotFound("NO_FILE", fmt::format("no file \"{}\"", file));
  }
  return FindLocalPath(FoundFile{found, {}}, root);
}

absl::StatusOr<std::shared_ptr<const prompt::Closure>> LoadLocal(
    const LocalPath& path, std::vector<v1::Diagnostic>* diagnostics,
    const prompt::FrontMatter* added) {
  return prompt::LoadClosure(
      path.path, [&](const std::string& name) { return ReadIfThere(path, name); }, diagnostics,
      added);
}

}  // namespace colophon
