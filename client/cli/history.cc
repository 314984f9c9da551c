// history

#include <algorithm>
#include <memory>
#include <string>

#include "client/cli/change_text.h"
#include "client/cli/commands.h"
#include "client/cli/pages.h"
#include "client/cli/repository_file.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/cpp/change_pages.h"
#include "fmt/format.h"

namespace colophon {
namespace {

void KeepRowsOf(const v1::Change& page, const std::string& prompt, v1::Change* kept) {
  for (const v1::PublishedVersion& version : page.versions()) {
    if (version.prompt() == prompt) *kept->add_versions() = version;
  }
  for (const v1::LabelMove& move : page.label_moves()) {
    if (move.prompt() == prompt) *kept->add_label_moves() = move;
  }
  for (const std::string& archived : page.archived_prompts()) {
    if (archived == prompt) kept->add_archived_prompts(archived);
  }
}

// What a change did to one prompt may stand on any of its pages.
absl::StatusOr<std::string> DescribeAllPages(const Client& client, const v1::Change& change,
                                             const std::string& prompt) {
  if (prompt.empty() || change.next_page_token().empty()) return DescribeChange(change, prompt);
  v1::Change kept;
  KeepRowsOf(change, prompt, &kept);
  RETURN_IF_ERROR(ReadChangePages(client, change, {}, [&](const v1::Change& page) {
    KeepRowsOf(page, prompt, &kept);
    return true;
  }));
  return DescribeChange(kept, prompt);
}

void PrintRows(const Output& out, const v1::Change& page) {
  for (const v1::PublishedVersion& version : page.versions()) {
    out.Line("published " + out.Styled(Style::kBold, out.Safe(version.name())));
  }
  for (const v1::LabelMove& move : page.label_moves()) {
    out.Line(fmt::format("labelled {} {}", out.Safe(page.repository() + "/" + move.prompt()),
                         out.Safe(DescribeMove(move))));
  }
  for (const std::string& prompt : page.archived_prompts()) {
    out.Line(fmt::format("archived {}", out.Safe(page.repository() + "/" + prompt)));
  }
  for (const std::string& path : page.paths()) {
    out.Line(out.Styled(Style::kDim, out.Safe("file " + path)));
  }
}

// One change, whole; as JSON a line for each page.
absl::Status ShowChange(const Session& session, const std::string& repository, int64_t sequence) {
  const Client client = session.NewClient();
  v1::GetChangeRequest request;
  request.set_repository(repository);
  request.set_sequence(sequence);
  ASSIGN_OR_RETURN(const v1::GetChangeResponse first, client.GetChange(request));
  const Output& out = session.output();
  const v1::Change& change = first.change();
  if (out.json()) {
    out.Json(change);
  } else {
    out.Field("change", std::to_string(change.sequence()));
    out.Field("commit", change.commit());
    out.Field("author", change.author());
    out.Field("when", out.Time(change.change_time()));
    out.Field("description", change.description());
    PrintRows(out, change);
  }
  return ReadChangePages(client, change, {}, [&](const v1::Change& page) {
    out.json() ? out.Json(page) : PrintRows(out, page);
    return true;
  });
}

// "acme@heads/shorter", "acme/support/triage@heads/shorter": what was said to a draft.
v1::ListChangesRequest RequestFor(const std::string& name) {
  constexpr std::string_view kDraft = "@heads/";
  const size_t at = name.find(kDraft);
  v1::ListChangesRequest request;
  request.set_name(name.substr(0, at));
  if (at != name.npos) request.set_branch(name.substr(at + kDraft.size()));
  return request;
}

// A change of a draft has no number.
std::string NumberOf(const v1::Change& change) {
  return change.sequence() == 0 ? "-" : std::to_string(change.sequence());
}

// What became of a partial, a schema or a tool, which have no versions: the changes that
// wrote it, newest first, as far as `limit`; 0: all.
absl::StatusOr<v1::ListChangesResponse> ListChangesOfFile(const Client& client,
                                                          const RepositoryFile& file, int limit) {
  v1::ListChangesRequest request;
  request.set_name(file.repository);
  v1::ListChangesResponse found;
  do {
    ASSIGN_OR_RETURN(const auto page, client.ListChanges(request));
    for (const v1::Change& change : page.changes()) {
      bool wrote = false;
      const auto look = [&](const v1::Change& part) {
        const auto& paths = part.paths();
        wrote = wrote || std::find(paths.begin(), paths.end(), file.path) != paths.end();
        return !wrote;
      };
      if (look(change)) RETURN_IF_ERROR(ReadChangePages(client, change, {}, look));
      if (wrote) *found.add_changes() = change;
      if (limit > 0 && found.changes_size() == limit) return found;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (found.changes().empty()) return NoFile(file);
  return found;
}

absl::StatusOr<v1::ListChangesResponse> ListChangesOf(const Client& client, const std::string& name,
                                                      int limit) {
  if (const auto file = RepositoryFile::Of(name)) return ListChangesOfFile(client, *file, limit);
  return ReadPages(client, &Client::ListChanges, RequestFor(name), limit,
                   &v1::ListChangesResponse::mutable_changes);
}

absl::Status History(const Session& session, const std::string& name, int limit) {
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const auto response, ListChangesOf(client, name, limit));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  const size_t slash = name.find('/');
  const bool is_file = RepositoryFile::Of(name).has_value();
  const std::string prompt = slash == std::string::npos || is_file
                                 ? ""
                                 : name.substr(slash + 1, name.find('@') - slash - 1);
  Table table({"CHANGE", "WHEN", "COMMIT", "AUTHOR", "WHAT", "DESCRIPTION"});
  table.SetStyle(2, Style::kDim);
  table.SetStyle(4, Style::kBold);
  for (const v1::Change& change : response.changes()) {
    ASSIGN_OR_RETURN(const std::string what, DescribeAllPages(client, change, prompt));
    table.Add({NumberOf(change), out.ShortTime(change.change_time()), ShortCommit(change.commit()),
               change.author(), what, change.description()});
  }
  table.Print(out);
  if (response.changes().empty()) out.Note("no changes of " + out.Safe(name));
  return absl::OkStatus();
}

}  // namespace

void AddHistoryCommands(CLI::App* app, Session* session) {
  struct Options {
    std::string name;
    int limit = 0;
    int64_t change = 0;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = session->AddCommand(
      app, "history", "List the changes of a repository or a prompt, or show one", [=] {
        return options->change > 0 ? ShowChange(*session, options->name, options->change)
                                   : History(*session, options->name, options->limit);
      });
  command
      ->add_option(
          "REPO[/PROMPT]", options->name,
          "acme, acme/support/triage, a draft of either, acme@heads/shorter, or a partial, "
          "acme/support/_tone")
      ->required();
  command->add_option("-n,--limit", options->limit, "At most so many")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--change", options->change, "This change of REPO, with all it did")
      ->type_name("SEQ")
      ->check(CLI::PositiveNumber);
}

}  // namespace colophon
