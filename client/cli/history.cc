// history

#include <memory>
#include <string>

#include "client/cli/change_text.h"
#include "client/cli/commands.h"
#include "client/cli/pages.h"
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

absl::Status History(const Session& session, const std::string& name, int limit) {
  const Client client = session.NewClient();
  v1::ListChangesRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const auto response, ReadPages(client, &Client::ListChanges, request, limit,
                                                  &v1::ListChangesResponse::mutable_changes));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  const size_t slash = name.find('/');
  const std::string prompt = slash == std::string::npos ? "" : name.substr(slash + 1);
  Table table({"CHANGE", "WHEN", "COMMIT", "AUTHOR", "WHAT", "DESCRIPTION"});
  table.SetStyle(2, Style::kDim);
  table.SetStyle(4, Style::kBold);
  for (const v1::Change& change : response.changes()) {
    ASSIGN_OR_RETURN(const std::string what, DescribeAllPages(client, change, prompt));
    table.Add({std::to_string(change.sequence()), out.ShortTime(change.change_time()),
               ShortCommit(change.commit()), change.author(), what, change.description()});
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
  command->add_option("REPO[/PROMPT]", options->name)->required();
  command->add_option("-n,--limit", options->limit, "At most so many")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--change", options->change, "This change of REPO, with all it did")
      ->type_name("SEQ")
      ->check(CLI::PositiveNumber);
}

}  // namespace colophon
