#include "client/cli/working_folder.h"

#include <charconv>
#include <string_view>

#include "client/cli/local_file.h"
#include "client/cli/tree.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/reference.h"
#include "service/template/syntax/yaml.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = 4'096;
constexpr char kStateFolder[] = ".colophon";

absl::Status BadFile(const fs::path& file, const std::string& what) {
  return InvalidArgument("BAD_FOLDER_FILE",
                         fmt::format("\"{}\": {}; write repository: NAME, and server: HOST:PORT "
                                     "where it isn't the usual one",
                                     file.string(), what));
}

absl::StatusOr<WorkingFolder> ReadFolderFile(const fs::path& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadLocalFile(file, kMaxBytes));
  if (!IsUtf8(text)) return BadFile(file, "it is not UTF-8");
  std::vector<v1::Diagnostic> diagnostics;
  DiagnosticSink sink(kFolderFile, &diagnostics);
  const auto document = syntax::ParseYaml(text, 1, &sink);
  if (!document) return BadFile(file, diagnostics.at(0).message());
  WorkingFolder folder{.root = file.parent_path(), .repository = "", .server = ""};
  if (!document->value.is_object()) return BadFile(file, "it names no repository");
  for (const auto& [key, value] : document->value.get_object()) {
    if ((key != "repository" && key != "server") || !value.is_string()) {
      return BadFile(
          file, fmt::format("{}: {} isn't understood", std::string_view(key), WriteJson(value)));
    }
    (key == "server" ? folder.server : folder.repository) = std::string(value.get_string());
  }
  if (folder.repository.empty()) return BadFile(file, "it names no repository");
  const absl::Status checked = CheckRepositoryName(folder.repository);
  if (!checked.ok()) return BadFile(file, MessageOf(checked));
  return folder;
}

fs::path BaseFile(const WorkingFolder& folder) { return folder.root / kStateFolder / "base"; }

}  // namespace

absl::StatusOr<std::string> WorkingFolder::PathOf(const fs::path& path) const {
  const std::string relative = AbsolutePath(path).lexically_relative(root).generic_string();
  if (relative.empty() || relative == ".." || relative.starts_with("../")) {
    return InvalidArgument(
        "OUTSIDE_ROOT",
        fmt::format("\"{}\" is not below the working folder \"{}\"", path.string(), root.string()));
  }
  return relative;
}

absl::StatusOr<std::optional<WorkingFolder>> FindWorkingFolder(const fs::path& path) {
  for (fs::path folder = AbsolutePath(path);; folder = folder.parent_path()) {
    std::error_code error;
    if (const fs::path file = folder / kFolderFile; fs::exists(file, error)) {
      ASSIGN_OR_RETURN(WorkingFolder found, ReadFolderFile(file));
      return std::optional(std::move(found));
    }
    if (folder == folder.parent_path()) return std::optional<WorkingFolder>();
  }
}

absl::StatusOr<std::optional<WorkingFolder>> FindWorkingFolder(
    const std::vector<std::string>& paths) {
  if (paths.empty()) return FindWorkingFolder(fs::path("."));
  ASSIGN_OR_RETURN(auto folder, FindWorkingFolder(fs::path(paths[0])));
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const auto other, FindWorkingFolder(fs::path(path)));
    const auto root = [](const auto& found) { return found ? found->root.string() : "no folder"; };
    if (root(folder) == root(other)) continue;
    return InvalidArgument(
        "TWO_FOLDERS",
        fmt::format("\"{}\" is in the working folder \"{}\" and \"{}\" is in \"{}\": name files of "
                    "one",
                    paths[0], root(folder), path, root(other)));
  }
  return folder;
}

std::string FolderFileText(const std::string& repository) {
  return fmt::format(
      "# This folder holds the prompts of a Colophon repository: paths are from here.\n"
      "repository: {}\n"
      "# server: 127.0.0.1:50051\n",
      repository);
}

absl::StatusOr<std::optional<int64_t>> ReadBase(const WorkingFolder& folder) {
  const absl::StatusOr<std::string> read = ReadLocalFile(BaseFile(folder), kMaxBytes);
  if (absl::IsNotFound(read.status())) return std::optional<int64_t>();
  RETURN_IF_ERROR(read.status());
  const std::string_view text = *read;
  const size_t space = text.find(' ');
  int64_t sequence = -1;
  if (space != text.npos) {
    std::from_chars(text.data() + space + 1, text.data() + text.size(), sequence);
  }
  if (sequence < 0) {
    return FailedPrecondition("BAD_BASE", fmt::format("\"{}\" says no sequence; remove it and run "
                                                      "`colophon pull`",
                                                      BaseFile(folder).string()));
  }
  if (const std::string_view repository = text.substr(0, space); repository != folder.repository) {
    return FailedPrecondition(
        "OTHER_REPOSITORY",
        fmt::format("this folder stands on {} of repository {}, and {} names {}: remove \"{}\" to "
                    "begin there, then `colophon pull`",
                    sequence, repository, kFolderFile, folder.repository,
                    BaseFile(folder).string()));
  }
  return std::optional(sequence);
}

absl::Status WriteBase(const WorkingFolder& folder, int64_t sequence) {
  const fs::path file = BaseFile(folder);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  RETURN_IF_ERROR(WriteLocalFile(file.parent_path() / ".gitignore", "*\n"));
  return ReplaceFileBelow(file.parent_path(), "base",
                          fmt::format("{} {}\n", folder.repository, sequence));
}

}  // namespace colophon
