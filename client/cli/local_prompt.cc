#include "client/cli/local_prompt.h"

#include <optional>

#include "client/cli/arguments.h"
#include "fmt/format.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

// Where names are looked for in the end: the folder that git has, else the top.
fs::path RootOf(const fs::path& file) {
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    std::error_code error;
    if (fs::exists(folder / ".git", error) || folder == folder.parent_path()) return folder;
  }
}

absl::StatusOr<std::optional<std::string>> ReadIfThere(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string content, ReadInput(path.string()));
  return std::optional<std::string>(std::move(content));
}

}  // namespace

absl::StatusOr<LocalPath> FindLocalPath(const std::string& file, const std::string& root) {
  std::error_code error;
  const fs::path found = fs::weakly_canonical(file, error);
  if (!fs::is_regular_file(found, error)) {
    return NotFound("NO_FILE", fmt::format("no file \"{}\"", file));
  }
  LocalPath local;
  local.root = root.empty() ? RootOf(found) : fs::weakly_canonical(root, error);
  local.path = found.lexically_relative(local.root).generic_string();
  if (local.path.empty() || local.path.rfind("..", 0) == 0) {
    return InvalidArgument("OUTSIDE_ROOT",
                           fmt::format("\"{}\" is not below the root \"{}\"", file, root));
  }
  return local;
}

absl::StatusOr<std::shared_ptr<const Closure>> LoadLocal(const LocalPath& path,
                                                         std::vector<v1::Diagnostic>* diagnostics,
                                                         const FrontMatter* added) {
  return LoadClosure(
      path.path, [&](const std::string& name) { return ReadIfThere(path.root / name); },
      diagnostics, added);
}

}  // namespace colophon
