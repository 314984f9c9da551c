// init, pull, status, export

#include <filesystem>
#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/local_file.h"
#include "client/cli/pull.h"
#include "client/cli/starter.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

struct InitOptions {
  std::string repository;
  std::string folder;
};

// True when it is new.
absl::StatusOr<bool> CreateIfMissing(const Client& client, const std::string& repository) {
  v1::CreateRepositoryRequest request;
  request.set_repository(repository);
  const auto response = client.CreateRepository(request);
  if (ReasonOf(response.status()) == "REPOSITORY_EXISTS") return false;
  RETURN_IF_ERROR(response.status());
  return true;
}

// A folder that is one already has to be of the same repository.
absl::StatusOr<WorkingFolder> MakeFolder(const InitOptions& options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) {
    return Error(absl::StatusCode::kUnknown, "OUTPUT",
                 fmt::format("can't make \"{}\": {}", options.folder, error.message()));
  }
  const fs::path root = AbsolutePath(options.folder);
  ASSIGN_OR_RETURN(const auto around, FindWorkingFolder(root));
  if (around && (around->root != root || around->repository != options.repository)) {
    return FailedPrecondition(
        "FOLDER_EXISTS", fmt::format("\"{}\" is in the working folder \"{}\" of {}; name a "
                                     "folder outside of it",
                                     options.folder, around->root.string(), around->repository));
  }
  if (around) return *around;
  RETURN_IF_ERROR(ReplaceFileBelow(root, kFolderFile, FolderFileText(options.repository)));
  return NeedWorkingFolder(root.string());
}

absl::Status AddStarter(const Output& out, const WorkingFolder& folder) {
  ASSIGN_OR_RETURN(const FileMap there, ReadFolder(folder));
  if (!there.empty()) return absl::OkStatus();
  for (const LocalFile& file : StarterFiles()) {
    RETURN_IF_ERROR(ReplaceFileBelow(folder.root, file.path, file.content));
    if (!out.json()) out.Line("wrote " + file.path);
  }
  return absl::OkStatus();
}

absl::Status Init(const Session& session, const InitOptions& options) {
  const Output& out = session.output();
  const Client client = session.NewClient();
  if (options.folder.empty()) {
    v1::CreateRepositoryRequest request;
    request.set_repository(options.repository);
    ASSIGN_OR_RETURN(const auto response, client.CreateRepository(request));
    if (out.json()) {
      out.Json(response);
    } else {
      out.Line("created " + out.Safe(response.repository().name()));
    }
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const bool is_new, CreateIfMissing(client, options.repository));
  ASSIGN_OR_RETURN(const WorkingFolder folder, MakeFolder(options));
  if (is_new && !out.json()) out.Line("created " + options.repository);
  ASSIGN_OR_RETURN(const Pulled pulled, Pull(client, folder, std::nullopt));
  PrintPulled(out, pulled);
  if (pulled.to == 0) RETURN_IF_ERROR(AddStarter(out, folder));
  out.Note(fmt::format("\"{}\" is a working folder of {}, on change {}", options.folder,
                       folder.repository, pulled.to));
  return ConflictsOf(pulled);
}

absl::Status PullCommand(const Session& session, const std::string& path) {
  const Output& out = session.output();
  ASSIGN_OR_RETURN(const WorkingFolder folder, NeedWorkingFolder(path));
  ASSIGN_OR_RETURN(const Pulled pulled,
                   Pull(session.NewClient(folder.server), folder, std::nullopt));
  PrintPulled(out, pulled);
  out.Note(
      pulled.from == pulled.to
          ? fmt::format("{} has nothing newer than change {}", folder.repository, pulled.to)
          : fmt::format("from change {} to {} of {}", pulled.from, pulled.to, folder.repository));
  return ConflictsOf(pulled);
}

json::array ToJson(const std::vector<FileDifference>& differences) {
  json::array list;
  for (const FileDifference& difference : differences) {
    list.push_back(
        json::object{{"path", difference.path}, {"state", json::string(NameOf(difference.kind))}});
  }
  return list;
}

absl::Status Status(const Session& session, const std::string& path) {
  const Output& out = session.output();
  ASSIGN_OR_RETURN(const WorkingFolder folder, NeedWorkingFolder(path));
  const Client client = session.NewClient(folder.server);
  ASSIGN_OR_RETURN(const std::optional<int64_t> stands_on, ReadBase(folder));
  const int64_t sequence = stands_on.value_or(0);
  ASSIGN_OR_RETURN(RemoteFiles base, GetRemoteFiles(client, folder.repository, sequence));
  ASSIGN_OR_RETURN(RemoteFiles theirs, GetRemoteFiles(client, folder.repository, std::nullopt));
  ASSIGN_OR_RETURN(const FileMap ours, ReadFolder(folder));
  const FileMap before = KeepFolderKinds(std::move(base.files));
  const FileMap there = KeepFolderKinds(std::move(theirs.files));
  const auto edits = CompareFiles(before, ours);
  const auto news = CompareFiles(before, there);
  if (out.json()) {
    out.Line(WriteJson(json::object{{"repository", folder.repository},
                                    {"sequence", sequence},
                                    {"newest", theirs.sequence},
                                    {"edits", ToJson(edits)},
                                    {"others", ToJson(news)}}));
    return absl::OkStatus();
  }
  out.Line(fmt::format("{}, on change {} of {}", folder.repository, sequence, theirs.sequence));
  for (const FileDifference& edit : edits) {
    const auto found = ours.find(edit.path);
    const bool has_marks = found != ours.end() && HasConflictMarks(found->second);
    out.Line(out.Safe(fmt::format("{:<8}{}{}", NameOf(edit.kind), edit.path,
                                  has_marks ? "  has conflict marks" : "")));
  }
  for (const FileDifference& other : news) {
    out.Line(out.Safe(fmt::format("{:<8}{}  by others", NameOf(other.kind), other.path)));
  }
  if (edits.empty()) out.Note("nothing to publish");
  if (theirs.sequence > sequence) out.Note("`colophon pull` brings what is newer");
  return absl::OkStatus();
}

struct ExportOptions {
  std::string repository;
  std::string folder;
  std::optional<int64_t> at;
};

absl::Status Export(const Session& session, const ExportOptions& options) {
  const Output& out = session.output();
  std::error_code error;
  if (fs::exists(options.folder, error) && !fs::is_empty(options.folder, error)) {
    return FailedPrecondition("FOLDER_EXISTS",
                              fmt::format("\"{}\" isn't empty; name a new folder", options.folder));
  }
  ASSIGN_OR_RETURN(const RemoteFiles remote,
                   GetRemoteFiles(session.NewClient(), options.repository, options.at));
  fs::create_directories(options.folder, error);
  for (const auto& [path, content] : remote.files) {
    RETURN_IF_ERROR(ReplaceFileBelow(AbsolutePath(options.folder), path, content));
    if (!out.json()) out.Line("wrote " + out.Safe(path));
  }
  if (out.json()) {
    json::array paths;
    for (const auto& [path, content] : remote.files) paths.push_back(json::string(path));
    out.Line(WriteJson(json::object{{"sequence", remote.sequence}, {"files", std::move(paths)}}));
  }
  out.Note(fmt::format("{} as change {} left it", options.repository, remote.sequence));
  return absl::OkStatus();
}

}  // namespace

void AddFolderCommands(CLI::App* app, Session* session) {
  auto init = std::make_shared<InitOptions>();
  CLI::App* command =
      session->AddCommand(app, "init", "Create a repository, and a working folder for it",
                          [=] { return Init(*session, *init); });
  command->add_option("REPOSITORY", init->repository, "Its name: a-z, 0-9 and -")->required();
  command->add_option("DIR", init->folder,
                      "Folder to work in; a repository that is there already is pulled");

  auto pull = std::make_shared<std::string>(".");
  command = session->AddCommand(app, "pull", "Bring what others published into the working folder",
                                [=] { return PullCommand(*session, *pull); });
  command->add_option("DIR", *pull, "The working folder, or one in it");

  auto status = std::make_shared<std::string>(".");
  command = session->AddCommand(app, "status", "What differs from the change the folder stands on",
                                [=] { return Status(*session, *status); });
  command->add_option("DIR", *status, "The working folder, or one in it");

  auto exported = std::make_shared<ExportOptions>();
  command = session->AddCommand(app, "export", "Write the files of a repository to a new folder",
                                [=] { return Export(*session, *exported); });
  command->add_option("REPOSITORY", exported->repository)->required();
  command->add_option("DIR", exported->folder, "Folder to make, or an empty one")->required();
  command->add_option("--at", exported->at, "As this change left them")->type_name("SEQ");
}

}  // namespace colophon
