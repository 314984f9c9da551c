// history

#include <memory>

#include "client/cli/change_text.h"
#include "client/cli/commands.h"
#include "client/cli/pages.h"
#include "client/cli/table.h"
#include "client/cli/text.h"

namespace colophon {
namespace {

absl::Status History(const Session& session, const std::string& name, int limit) {
  v1::ListChangesRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const auto response,
                   ReadPages(session.NewClient(), &Client::ListChanges, request, limit,
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
    table.Add({std::to_string(change.sequence()), out.ShortTime(change.change_time()),
               ShortCommit(change.commit()), change.author(), DescribeChange(change, prompt),
               change.description()});
  }
  table.Print(out);
  return absl::OkStatus();
}

}  // namespace

void AddHistoryCommands(CLI::App* app, Session* session) {
  auto name = std::make_shared<std::string>();
  auto limit = std::make_shared<int>(0);
  CLI::App* command =
      session->AddCommand(app, "history", "List the changes of a repository or a prompt",
                          [=] { return History(*session, *name, *limit); });
  command->add_option("REPO[/PROMPT]", *name)->required();
  command->add_option("-n,--limit", *limit, "At most so many")->check(CLI::NonNegativeNumber);
}

}  // namespace colophon
