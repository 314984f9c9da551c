#include "client/cli/import_files.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "client/cli/local_file.h"
#include "fmt/format.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> EndingsOf(const std::string& store) {
  if (store == "langfuse" || store == "openai") return {".json", ".jsonl", ".ndjson"};
  if (store == "prompty") return {".prompty", ".json"};
  if (store == "text") return {".txt", ".md"};
  return {".json", ".jsonl", ".ndjson", ".prompty", ".txt", ".md"};
}

bool IsTaken(const fs::path& path, const std::vector<std::string>& endings) {
  const std::string name = path.filename().string();
  return name.front() != '.' &&
         std::find(endings.begin(), endings.end(), path.extension().string()) != endings.end();
}

// Names make the names of prompts, so two files can't share one.
absl::Status AddFile(const std::string& name, const FoundFile& file,
                     std::map<std::string, FoundFile>* files) {
  const auto [there, added] = files->emplace(name, file);
  std::error_code error;
  if (added || fs::equivalent(there->second.path, file.path, error)) return absl::OkStatus();
  return InvalidArgument("TWO_FILES",
                         fmt::format("\"{}\" and \"{}\" have one name: import them one by one",
                                     there->second.path.string(), file.path.string()));
}

// Symbolic links to folders are not followed, so this ends.
absl::Status AddFolder(const fs::path& folder, const std::vector<std::string>& endings,
                       std::map<std::string, FoundFile>* files) {
  std::error_code error;
  bool found = false;
  auto entries = fs::recursive_directory_iterator(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    const bool is_folder = fs::is_directory(entries->symlink_status(error));
    if (error) break;
    if (is_folder && path.filename().string().front() == '.') entries.disable_recursion_pending();
    if (is_folder || !IsTaken(path, endings)) continue;
    found = true;
    RETURN_IF_ERROR(
        AddFile(path.lexically_relative(folder).generic_string(), {path, folder}, files));
  }
  if (error) {
    return NotFound("NO_FILE",
                    fmt::format("can't read \"{}\": {}", folder.string(), error.message()));
  }
  if (!found) {
    std::string names;
    for (const std::string& ending : endings) names += (names.empty() ? "" : ", ") + ending;
    return InvalidArgument("NO_FILES", fmt::format("no file that ends in {} in \"{}\" or below",
                                                   names, folder.string()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<LocalFile>> ReadImportFiles(const std::vector<std::string>& paths,
                                                       const std::string& store) {
  std::map<std::string, FoundFile> found;
  for (const std::string& text : paths) {
    std::error_code error;
    const fs::path path(text);
    if (fs::is_directory(path, error)) {
      RETURN_IF_ERROR(AddFolder(path, EndingsOf(store), &found));
    } else if (!fs::exists(fs::symlink_status(path, error))) {
      return NotFound("NO_FILE", fmt::format("no file or folder \"{}\"", text));
    } else {
      RETURN_IF_ERROR(AddFile(path.filename().string(), {path, {}}, &found));
    }
  }
  std::vector<LocalFile> files;
  for (const auto& [name, file] : found) {
    ASSIGN_OR_RETURN(std::string content,
                     file.folder.empty() ? ReadLocalFile(file.path, kMaxInputBytes)
                                         : ReadFileBelow(file.folder, file.path, kMaxInputBytes));
    files.push_back({name, std::move(content)});
  }
  return files;
}

absl::Status WriteTree(const std::string& folder, const std::vector<LocalFile>& files,
                       bool replace) {
  for (const LocalFile& file : files) {
    const fs::path path = fs::path(folder) / file.path;
    std::error_code error;
    if (replace || !fs::exists(fs::symlink_status(path, error))) continue;
    ASSIGN_OR_RETURN(const std::string there, ReadLocalFile(path, kMaxInputBytes));
    if (there == file.content) continue;
    return FailedPrecondition(
        "FILE_EXISTS", fmt::format("\"{}\" is there already and differs: remove it, or say --force",
                                   path.string()));
  }
  for (const LocalFile& file : files) {
    const fs::path path = fs::path(folder) / file.path;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    RETURN_IF_ERROR(WriteLocalFile(path, file.content));
  }
  return absl::OkStatus();
}

}  // namespace colophon
