#include "client/cli/diff_side.h"

#include <utility>
#include <vector>

#include "client/cli/file_reference.h"
#include "client/cli/local_prompt.h"
#include "client/cli/pages.h"
#include "client/cli/tree.h"
#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

absl::StatusOr<DiffSide> LoadFileSide(const std::string& file) {
  ASSIGN_OR_RETURN(const LocalPath path, FindLocalPath(file, ""));
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(const auto closure, LoadLocal(path, &diagnostics));
  if (closure == nullptr) return DiagnosticsToStatus(diagnostics);
  DiffSide side{.name = file, .file = path.path, .files = {}, .prompts = {}};
  for (const prompt::ClosureFile& part : closure->files) side.files[part.path] = part.content;
  return side;
}

absl::StatusOr<DiffSide> LoadVersionSide(const Client& client, const std::string& reference) {
  v1::GetVersionRequest request;
  request.set_name(reference);
  ASSIGN_OR_RETURN(const auto response, client.GetVersion(request));
  const v1::Version& version = response.version();
  DiffSide side{
      .name = version.name(), .file = PathOfPrompt(version.prompt()), .files = {}, .prompts = {}};
  for (const v1::File& file : version.files()) side.files[file.path()] = file.content();
  return side;
}

}  // namespace

std::optional<std::string_view> DiffSide::Find(const std::string& path) const {
  const auto found = files.find(path);
  if (found == files.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<DiffSide> LoadSide(const Client& client, const std::string& name) {
  return IsFile(name) ? LoadFileSide(name) : LoadVersionSide(client, name);
}

absl::StatusOr<DiffSide> LoadRepositorySide(const Client& client, const std::string& repository) {
  ASSIGN_OR_RETURN(RemoteFiles remote, GetRemoteFiles(client, repository, std::nullopt));
  v1::ListPromptsRequest request;
  request.set_name(repository);
  ASSIGN_OR_RETURN(const auto listed, ReadPages(client, &Client::ListPrompts, request, 0,
                                                &v1::ListPromptsResponse::mutable_prompts));
  DiffSide side{.name = fmt::format("{} at change {}", repository, remote.sequence),
                .file = "",
                .files = KeepFolderKinds(std::move(remote.files)),
                .prompts = {}};
  for (const v1::Prompt& prompt : listed.prompts()) {
    side.prompts[PathOfPrompt(prompt.name().substr(repository.size() + 1))] =
        fmt::format("{}@v{}", prompt.name(), prompt.latest_version());
  }
  return side;
}

absl::StatusOr<DiffSide> LoadFolderSide(const std::string& name, const std::string& root,
                                        const std::string& repository) {
  const WorkingFolder folder{.root = AbsolutePath(root), .repository = "", .server = ""};
  ASSIGN_OR_RETURN(FileMap files, ReadFolder(folder));
  DiffSide side{.name = name, .file = "", .files = std::move(files), .prompts = {}};
  for (const auto& [path, content] : side.files) {
    if (const std::string prompt = PromptOfFile(path); !prompt.empty()) {
      side.prompts[path] = repository.empty() ? prompt : repository + "/" + prompt;
    }
  }
  return side;
}

}  // namespace colophon
