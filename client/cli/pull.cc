#include "client/cli/pull.h"

#include <string>
#include <utility>

#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

using Outcome = PulledFile::Outcome;

std::string_view NameOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kBrought:
      return "brought";
    case Outcome::kRemoved:
      return "removed";
    case Outcome::kMerged:
      return "merged";
    case Outcome::kConflict:
      return "conflict";
    case Outcome::kKept:
      return "kept";
    case Outcome::kBroughtBack:
      return "brought back";
  }
  return "";
}

// The file and what became of it.
std::string Describe(const PulledFile& file) {
  switch (file.outcome) {
    case Outcome::kBrought:
      return "brought " + file.path;
    case Outcome::kRemoved:
      return "removed " + file.path;
    case Outcome::kMerged:
      return "merged " + file.path;
    case Outcome::kConflict:
      return "conflict in " + file.path + ": both changes are in it, marked";
    case Outcome::kKept:
      return "conflict in " + file.path + ": edited here, deleted there; yours is kept";
    case Outcome::kBroughtBack:
      return "conflict in " + file.path + ": deleted here, edited there; theirs is brought back";
  }
  return "";
}

}  // namespace

absl::StatusOr<Pulled> Pull(const Client& client, const WorkingFolder& folder,
                            std::optional<int64_t> to) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> stands_on, ReadBase(folder));
  ASSIGN_OR_RETURN(RemoteFiles theirs, GetRemoteFiles(client, folder.repository, to));
  Pulled pulled{.from = stands_on.value_or(0), .to = theirs.sequence, .files = {}};
  RemoteFiles base;
  if (pulled.from > 0) {
    ASSIGN_OR_RETURN(base, GetRemoteFiles(client, folder.repository, pulled.from));
  }
  ASSIGN_OR_RETURN(const FileMap ours, ReadFolder(folder));
  ASSIGN_OR_RETURN(pulled.files,
                   MergeFiles(KeepFolderKinds(std::move(base.files)), ours,
                              KeepFolderKinds(std::move(theirs.files)),
                              fmt::format("{} change {}", folder.repository, theirs.sequence)));
  RETURN_IF_ERROR(WritePulled(folder, ours, pulled.files));
  if (stands_on != pulled.to) RETURN_IF_ERROR(WriteBase(folder, pulled.to));
  return pulled;
}

void PrintPulled(const Output& out, const Pulled& pulled) {
  if (out.json()) {
    json::array files;
    for (const PulledFile& file : pulled.files) {
      files.push_back(
          json::object{{"path", file.path}, {"outcome", json::string(NameOf(file.outcome))}});
    }
    out.Line(WriteJson(json::object{{"sequence", pulled.to}, {"files", std::move(files)}}));
    return;
  }
  for (const PulledFile& file : pulled.files) {
    const Style style = file.is_conflict() ? Style::kRed : Style::kPlain;
    out.Line(out.Styled(style, out.Safe(Describe(file))));
  }
}

absl::Status ConflictsOf(const Pulled& pulled) {
  int64_t conflicts = 0;
  for (const PulledFile& file : pulled.files) conflicts += file.is_conflict() ? 1 : 0;
  if (conflicts == 0) return absl::OkStatus();
  return Aborted("MERGE_CONFLICT",
                 fmt::format("{}: edit what is marked, look at what was deleted, then publish",
                             Count(conflicts, "conflict", "conflicts")));
}

absl::StatusOr<WorkingFolder> NeedWorkingFolder(const std::string& path) {
  ASSIGN_OR_RETURN(const auto folder, FindWorkingFolder(std::filesystem::path(path)));
  if (folder) return *folder;
  return NotFound("NO_FOLDER",
                  fmt::format("\"{}\" is in no working folder: there is no {} at it or above; make "
                              "one with `colophon init REPOSITORY DIR`",
                              path, kFolderFile));
}

}  // namespace colophon
