#include "client/cli/try_file.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <vector>

#include "client/cli/local_prompt.h"
#include "client/cli/working_folder.h"
#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

constexpr size_t kMaxBranch = 63;

// "try-ann-laptop" of "Ann@laptop".
std::string DraftOf(const std::string& caller) {
  std::string branch = "try-";
  for (const char c : caller) {
    const auto byte = static_cast<unsigned char>(c);
    branch += std::isalnum(byte) != 0 && byte < 0x80 ? static_cast<char>(std::tolower(byte)) : '-';
  }
  return branch.substr(0, kMaxBranch);
}

bool IsSame(const prompt::Closure& closure, const v1::Version& version) {
  return version.digest() == closure.digest;
}

// nullopt when there is none, or it is another text.
absl::StatusOr<std::optional<std::string>> FindSame(const Client& client,
                                                    const std::string& reference,
                                                    const prompt::Closure& closure) {
  v1::GetVersionRequest request;
  request.set_name(reference);
  const auto response = client.GetVersion(request);
  const absl::StatusCode code = response.status().code();
  if (code == absl::StatusCode::kNotFound || code == absl::StatusCode::kFailedPrecondition) {
    return std::optional<std::string>();  // Not published yet, or archived.
  }
  RETURN_IF_ERROR(response.status());
  if (!IsSame(closure, response->version())) return std::optional<std::string>();
  return std::optional(response->version().name());
}

absl::Status PublishDraft(const Client& client, const std::string& repository,
                          const std::string& branch, const prompt::Closure& closure,
                          const std::string& author) {
  v1::PublishRequest request;
  request.set_repository(repository);
  request.set_branch(branch);
  request.set_author(author);
  request.set_description(fmt::format("Try {}", closure.path));
  for (const prompt::ClosureFile& file : closure.files) {
    v1::FileEdit* const edit = request.add_edits();
    edit->set_path(file.path);
    edit->set_content(file.content);
  }
  return client.Publish(request).status();
}

}  // namespace

absl::StatusOr<std::string> PublishTry(const Session& session, const TryOptions& options) {
  ASSIGN_OR_RETURN(const auto folder, FindWorkingFolder(std::filesystem::path(options.file)));
  const std::string repository = folder ? folder->repository : options.repository;
  if (repository.empty()) {
    return InvalidArgument("NO_REPOSITORY",
                           fmt::format("\"{}\" is in no working folder: say which repository with "
                                       "-r NAME, or make one with `colophon init NAME DIR`",
                                       options.file));
  }
  ASSIGN_OR_RETURN(const LocalPath path, FindLocalPath(options.file, ""));
  const std::string prompt = PromptOfFile(path.path);
  if (prompt.empty()) {
    return InvalidArgument("NOT_A_PROMPT",
                           fmt::format("\"{}\" is no prompt: its name doesn't end in .prompt, or "
                                       "begins with _",
                                       options.file));
  }
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(const auto closure, LoadLocal(path, &diagnostics));
  if (closure == nullptr) return DiagnosticsToStatus(diagnostics);

  const Client client = session.NewClient(folder ? folder->server : "");
  const std::string name = fmt::format("{}/{}", repository, prompt);
  ASSIGN_OR_RETURN(auto same, FindSame(client, name + "@latest", *closure));
  if (same) return *same;
  const std::string branch =
      options.draft.empty() ? DraftOf(client.options().caller) : options.draft;
  RETURN_IF_ERROR(PublishDraft(client, repository, branch, *closure, session.Author("")));
  ASSIGN_OR_RETURN(same, FindSame(client, fmt::format("{}@heads/{}", name, branch), *closure));
  if (same) return *same;
  return Aborted("TRY_CHANGED",
                 fmt::format("draft \"{}\" of {} doesn't hold what \"{}\" is here: somebody wrote "
                             "to it meanwhile, or it has a nearer partial; try again with another "
                             "--draft, or drop it with `colophon drafts {} --drop`",
                             branch, repository, options.file, branch));
}

}  // namespace colophon
