// errors

#include <memory>

#include "client/cli/commands.h"
#include "client/cli/table.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/reasons.h"

namespace colophon {
namespace {

std::string CodeOf(const Reason& reason) { return absl::StatusCodeToString(reason.code); }

absl::Status Errors(const Session& session, const std::string& name) {
  const Output& out = session.output();
  std::vector<Reason> told;
  if (name.empty()) {
    told = Reasons();
  } else if (const Reason* const reason = FindReason(name)) {
    told.push_back(*reason);
  } else {
    return NotFound("NO_REASON", fmt::format("no error has the reason {}; `colophon errors` lists "
                                             "all",
                                             name));
  }
  if (out.json()) {
    for (const Reason& reason : told) {
      out.Line(WriteJson(json::object{{"reason", std::string(reason.name)},
                                      {"code", CodeOf(reason)},
                                      {"meaning", std::string(reason.meaning)}}));
    }
  } else if (name.empty()) {
    Table table({"REASON", "CODE", "MEANING"});
    table.SetWhole(0);
    table.SetStyle(0, Style::kBold);
    for (const Reason& reason : told) {
      table.Add({std::string(reason.name), CodeOf(reason), std::string(reason.meaning)});
    }
    table.Print(out);
  } else {
    out.Field("reason", std::string(told[0].name));
    out.Field("code", CodeOf(told[0]));
    out.Line(std::string(told[0].meaning));
  }
  return absl::OkStatus();
}

}  // namespace

void AddErrorCommands(CLI::App* app, Session* session) {
  auto reason = std::make_shared<std::string>();
  session
      ->AddCommand(app, "errors", "What the reasons of the server's errors mean",
                   [=] { return Errors(*session, *reason); })
      ->add_option("REASON", *reason, "Only this one, such as STALE_BASE");
}

}  // namespace colophon
