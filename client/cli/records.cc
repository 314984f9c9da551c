// records

#include <memory>

#include "client/cli/commands.h"
#include "client/cli/message_text.h"
#include "client/cli/pages.h"
#include "client/cli/record_export.h"
#include "client/cli/record_question.h"
#include "client/cli/record_text.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/record_facts.h"

namespace colophon {
namespace {

constexpr int kDefaultLimit = 50;

struct RecordsOptions {
  RecordQuestion question;
  bool outputs = false;
  int limit = kDefaultLimit;
  CLI::Option* limit_option = nullptr;
  RecordExportOptions exported;
};

// What is listed is of one repository, which the first column of all would be.
std::string VersionIn(const std::string& repository, const v1::Intent& intent) {
  return VersionOf(intent).substr(repository.size() + 1);
}

void PrintRecords(const Output& out, const v1::ListRecordsResponse& response) {
  enum Column : size_t { kWhen, kRecord, kVersion, kLabel, kStatus, kModel, kCaller, kReason };
  Table table({"WHEN", "RECORD", "VERSION", "LABEL", "STATUS", "MODEL", "CALLER", "REASON"});
  for (const size_t column : {kWhen, kRecord, kVersion, kStatus}) table.SetWhole(column);
  for (const size_t column : {kModel, kLabel, kCaller, kReason}) table.SetOptional(column);
  table.SetStyle(kVersion, Style::kBold);
  for (const v1::Record& record : response.records()) {
    const v1::Intent& intent = record.intent();
    const std::string version =
        out.terminal() ? VersionIn(intent.repository(), intent) : VersionOf(intent);
    table.Add({out.ShortTime(intent.start_time()), record.id(), version, intent.label(),
               FormatStatus(StatusOf(record)), ModelOf(record), intent.caller(),
               record.outcome().error_reason()});
  }
  table.Print(out);
}

// Each answer under a line that says whose it is.
void PrintOutputs(const Output& out, const v1::ListRecordsResponse& response) {
  for (const v1::Record& record : response.records()) {
    const v1::Intent& intent = record.intent();
    out.Line(out.Styled(
        Style::kBold,
        out.Safe(fmt::format("--- {} {} {} {} ---", record.id(), VersionOf(intent),
                             out.ShortTime(intent.start_time()), FormatStatus(StatusOf(record))))));
    if (record.shortened()) {
      out.Note(fmt::format("too long for a list: colophon record {} has it", record.id()));
    }
    PrintCompletion(out, record.outcome().completion());
    out.Line();
  }
}

// A line a record, as they come.
absl::Status PrintAsJson(const Output& out, const Client& client, v1::ListRecordsRequest request,
                         int limit) {
  constexpr int kLargestPage = 500;
  int printed = 0;
  do {
    const int missing = limit == 0 ? kLargestPage : limit - printed;
    request.set_page_size(std::min(missing, kLargestPage));
    ASSIGN_OR_RETURN(const auto page, client.ListRecords(request));
    for (const v1::Record& record : page.records()) out.Json(record);
    printed += page.records_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || printed < limit));
  return absl::OkStatus();
}

absl::Status ListRecords(const Session& session, const RecordsOptions& options) {
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const AskedRecords asked, ReadRecordQuestion(session, client, options.question));
  if (!options.exported.format.empty()) {
    const int limit = options.limit_option->count() > 0 ? options.limit : 0;
    return ExportRecords(session, client, asked, options.exported, limit);
  }
  v1::ListRecordsRequest request;
  request.set_name(asked.name);
  request.set_filter(asked.filter);
  const Output& out = session.output();
  if (out.json()) {
    return PointIntoFilter(PrintAsJson(out, client, request, options.limit), request.filter());
  }
  const auto response = ReadPages(client, &Client::ListRecords, request, options.limit,
                                  &v1::ListRecordsResponse::mutable_records);
  if (!response.ok()) return PointIntoFilter(response.status(), request.filter());
  options.outputs ? PrintOutputs(out, *response) : PrintRecords(out, *response);
  if (response->records().empty()) out.Note("no such records");
  if (!response->next_page_token().empty()) {
    out.Note(fmt::format("the newest {}; there are more, see --limit", response->records_size()));
  }
  return absl::OkStatus();
}

}  // namespace

void AddRecordsCommands(CLI::App* app, Session* session) {
  auto list = std::make_shared<RecordsOptions>();
  CLI::App* command = session->AddCommand(app, "records", "List records, newest first",
                                          [=] { return ListRecords(*session, *list); });
  AddRecordQuestion(command, &list->question);
  command->add_flag("--outputs", list->outputs, "What was answered, one below the other");
  list->limit_option = command->add_option("-n,--limit", list->limit, "At most so many; 0 is all")
                           ->capture_default_str()
                           ->check(CLI::NonNegativeNumber);
  AddRecordExportOptions(command, &list->exported);
}

}  // namespace colophon
