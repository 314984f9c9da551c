// rm

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/publish_text.h"
#include "client/cli/pull.h"
#include "client/cli/removal.h"
#include "fmt/format.h"

namespace colophon {
namespace {

struct RemoveOptions {
  std::vector<std::string> paths;
  std::string repository;
  std::string description;
  std::string author;
  bool dry_run = false;
};

// The paths as the repository has them.
absl::StatusOr<std::vector<std::string>> NamesOf(const std::optional<WorkingFolder>& folder,
                                                 const RemoveOptions& options) {
  if (!folder) return options.paths;
  std::vector<std::string> names;
  for (const std::string& path : options.paths) {
    ASSIGN_OR_RETURN(std::string name, folder->PathOf(path));
    names.push_back(std::move(name));
  }
  return names;
}

// Files edited here since the folder's base: their edits would be lost.
absl::Status CheckUnedited(const WorkingFolder& folder, const FileMap& base,
                           const std::set<std::string>& paths) {
  ASSIGN_OR_RETURN(const FileMap ours, ReadFolder(folder));
  for (const std::string& path : paths) {
    const auto here = ours.find(path);
    const auto there = base.find(path);
    if (here == ours.end() || (there != base.end() && there->second == here->second)) continue;
    return FailedPrecondition("EDITED_HERE",
                              fmt::format("\"{}\" was edited here: publish it first, or take the "
                                          "edit back",
                                          path));
  }
  return absl::OkStatus();
}

absl::Status Remove(const Session& session, const RemoveOptions& options) {
  ASSIGN_OR_RETURN(const std::string description,
                   DescriptionOf(options.description, options.dry_run));
  ASSIGN_OR_RETURN(const auto folder, options.repository.empty() ? FindWorkingFolder(options.paths)
                                                                 : std::optional<WorkingFolder>());
  const std::string repository = folder ? folder->repository : options.repository;
  if (repository.empty()) {
    return InvalidArgument("NO_REPOSITORY",
                           "say which repository with -r NAME, or stand in a working folder");
  }
  const Client client = session.NewClient(folder ? folder->server : "");
  std::optional<int64_t> base;
  if (folder) {
    ASSIGN_OR_RETURN(base, ReadBase(*folder));
  }
  ASSIGN_OR_RETURN(const RemoteFiles remote, GetRemoteFiles(client, repository, base));
  ASSIGN_OR_RETURN(const auto names, NamesOf(folder, options));
  ASSIGN_OR_RETURN(const std::set<std::string> paths, FindRemoved(repository, remote.files, names));
  if (folder) RETURN_IF_ERROR(CheckUnedited(*folder, remote.files, paths));

  v1::PublishRequest request;
  request.set_repository(repository);
  request.set_description(description);
  request.set_author(session.Author(options.author));
  request.set_base_sequence(remote.sequence);
  request.set_validate_only(options.dry_run);
  RETURN_IF_ERROR(AddRemovals(client, paths, &request));
  ASSIGN_OR_RETURN(const auto response, client.Publish(request));
  PrintResponse(session.output(), client, response, {}, options.dry_run);
  if (!folder || options.dry_run || !response.has_change()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Pulled pulled, Pull(client, *folder, response.change().sequence()));
  if (!session.output().json()) PrintPulled(session.output(), pulled);
  return ConflictsOf(pulled);
}

}  // namespace

void AddRemoveCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<RemoveOptions>();
  CLI::App* command = session->AddCommand(
      app, "rm", "Delete files and folders: prompts are archived, their versions stay",
      [=] { return Remove(*session, *options); });
  command
      ->add_option("PATH", options->paths,
                   "Files and folders; with -r as the repository names them, support/triage")
      ->required();
  command->add_option("-r,--repository", options->repository, "Outside of a working folder")
      ->type_name("REPO");
  command->add_option("-m,--message", options->description, "Why")->type_name("TEXT");
  command->add_option("--author", options->author, "\"Ada <ada@example.com>\"")->type_name("NAME");
  command->add_flag("--dry-run", options->dry_run, "Say what would happen");
}

}  // namespace colophon
