#include "client/cli/folder_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "client/cli/git.h"
#include "client/cli/local_file.h"
#include "client/cli/tree.h"
#include "fmt/format.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

using Outcome = PulledFile::Outcome;

std::optional<std::string_view> Find(const FileMap& files, const std::string& path) {
  const auto found = files.find(path);
  if (found == files.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Owned(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

// The file's own, when both changed it.
absl::StatusOr<PulledFile> MergeFile(const std::string& path, std::optional<std::string_view> base,
                                     std::optional<std::string_view> ours,
                                     std::optional<std::string_view> theirs,
                                     const std::string& theirs_name) {
  if (!ours) return PulledFile{path, Outcome::kBroughtBack, Owned(theirs)};
  if (!theirs) return PulledFile{path, Outcome::kKept, Owned(ours)};
  ASSIGN_OR_RETURN(MergedText merged, MergeTexts(base, *ours, *theirs, theirs_name));
  return PulledFile{path, merged.has_conflicts ? Outcome::kConflict : Outcome::kMerged,
                    std::move(merged.text)};
}

absl::StatusOr<std::optional<std::string>> ReadIfThere(const fs::path& file) {
  absl::StatusOr<std::string> content = ReadLocalFile(file, kMaxTreeFileBytes);
  if (absl::IsNotFound(content.status())) return std::optional<std::string>();
  RETURN_IF_ERROR(content.status());
  return std::optional(*std::move(content));
}

bool HasLineThatBegins(std::string_view text, std::string_view mark) {
  for (size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<RemoteFiles> GetRemoteFiles(const Client& client, v1::GetFilesRequest request) {
  request.set_page_size(1'000);
  RemoteFiles remote;
  while (true) {
    ASSIGN_OR_RETURN(v1::GetFilesResponse page, client.GetFiles(request));
    for (v1::File& file : *page.mutable_files()) {
      remote.files.emplace(file.path(), std::move(*file.mutable_content()));
    }
    remote.sequence = page.sequence();
    remote.commit = page.commit();
    if (page.next_page_token().empty()) return remote;
    request.set_page_token(page.next_page_token());
  }
}

absl::StatusOr<RemoteFiles> GetRemoteFiles(const Client& client, const std::string& repository,
                                           std::optional<int64_t> sequence) {
  v1::GetFilesRequest request;
  request.set_repository(repository);
  if (sequence) request.set_at_sequence(*sequence);
  return GetRemoteFiles(client, std::move(request));
}

absl::StatusOr<FileMap> ReadFolder(const WorkingFolder& folder) {
  absl::StatusOr<std::vector<LocalFile>> files =
      ReadTree({folder.root.string()}, {.root = folder.root.string(), .prefix = ""});
  FileMap map;
  if (!files.ok() && ReasonOf(files.status()) == "NO_FILES") return map;
  RETURN_IF_ERROR(files.status());
  for (LocalFile& file : *files) map.emplace(std::move(file.path), std::move(file.content));
  return map;
}

FileMap KeepFolderKinds(FileMap files) {
  std::erase_if(files, [](const auto& file) { return !IsFolderFile(file.first); });
  return files;
}

std::vector<FileDifference> CompareFiles(const FileMap& before, const FileMap& after) {
  using Kind = FileDifference::Kind;
  std::vector<FileDifference> differences;
  for (const auto& [path, content] : before) {
    const auto now = Find(after, path);
    if (!now) differences.push_back({path, Kind::kDeleted});
    if (now && *now != content) differences.push_back({path, Kind::kEdited});
  }
  for (const auto& [path, content] : after) {
    if (!before.contains(path)) differences.push_back({path, Kind::kNew});
  }
  std::sort(differences.begin(), differences.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return differences;
}

std::string_view NameOf(FileDifference::Kind kind) {
  switch (kind) {
    case FileDifference::Kind::kNew:
      return "new";
    case FileDifference::Kind::kEdited:
      return "edited";
    case FileDifference::Kind::kDeleted:
      return "deleted";
  }
  return "";
}

absl::StatusOr<std::vector<PulledFile>> MergeFiles(const FileMap& base, const FileMap& ours,
                                                   const FileMap& theirs,
                                                   const std::string& theirs_name) {
  std::set<std::string> paths;
  for (const FileMap* files : {&base, &ours, &theirs}) {
    for (const auto& [path, content] : *files) paths.insert(path);
  }
  std::vector<PulledFile> pulled;
  for (const std::string& path : paths) {
    const auto b = Find(base, path), o = Find(ours, path), t = Find(theirs, path);
    if (o == t || b == t) continue;
    if (o == b) {
      pulled.push_back({path, t ? Outcome::kBrought : Outcome::kRemoved, Owned(t)});
      continue;
    }
    ASSIGN_OR_RETURN(PulledFile merged, MergeFile(path, b, o, t, theirs_name));
    pulled.push_back(std::move(merged));
  }
  return pulled;
}

absl::Status WritePulled(const WorkingFolder& folder, const FileMap& ours,
                         const std::vector<PulledFile>& files) {
  for (const PulledFile& file : files) {
    const fs::path path = folder.root / file.path;
    ASSIGN_OR_RETURN(const std::optional<std::string> there, ReadIfThere(path));
    if (there != Owned(Find(ours, file.path))) {
      return FailedPrecondition(
          "FILE_CHANGED",
          fmt::format("\"{}\" changed while it was looked at; run this once more", path.string()));
    }
    if (there == file.content) continue;
    if (file.content) {
      RETURN_IF_ERROR(ReplaceFileBelow(folder.root, file.path, *file.content));
    } else {
      std::error_code error;
      fs::remove(path, error);
    }
  }
  return absl::OkStatus();
}

bool HasConflictMarks(std::string_view text) {
  return HasLineThatBegins(text, "<<<<<<< ") && HasLineThatBegins(text, ">>>>>>> ");
}

}  // namespace colophon
