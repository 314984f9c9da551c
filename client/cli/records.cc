// records

#include <filesystem>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/message_text.h"
#include "client/cli/pages.h"
#include "client/cli/record_filter.h"
#include "client/cli/record_text.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/cli/working_folder.h"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/record_status.h"

namespace colophon {
namespace {

constexpr int kDefaultLimit = 50;

struct RecordsOptions {
  std::string name;
  std::string repository;
  RecordFilterOptions filter;
  bool outputs = false;
  int limit = kDefaultLimit;
};

// The one repository there is, when none was named.
absl::StatusOr<std::string> OnlyRepository(const Client& client) {
  v1::ListRepositoriesRequest request;
  request.set_page_size(10);
  ASSIGN_OR_RETURN(const auto response, client.ListRepositories(request));
  if (response.repositories_size() == 1) return response.repositories(0).name();
  if (response.repositories().empty()) {
    return NotFound("NO_REPOSITORY", "there are no repositories yet, so no records");
  }
  std::string names;
  for (const v1::Repository& repository : response.repositories()) names += " " + repository.name();
  return InvalidArgument("WHICH_REPOSITORY",
                         fmt::format("name a repository or a prompt; there are{}{}", names,
                                     response.next_page_token().empty() ? "" : " and more"));
}

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

// "acme", or a prompt of it with or without a selector.
absl::StatusOr<std::string> NameOf(const Client& client, const RecordsOptions& options) {
  std::string repository = options.repository;
  if (repository.empty() && options.name.find('/') == std::string::npos) repository = options.name;
  std::string name = options.name;
  if (name.empty() && repository.empty()) {
    ASSIGN_OR_RETURN(const auto folder, FindWorkingFolder(std::filesystem::path(".")));
    if (folder) {
      name = folder->repository;
    } else {
      ASSIGN_OR_RETURN(name, OnlyRepository(client));
    }
  } else if (name.empty()) {
    name = repository;
  } else if (!options.repository.empty() && !name.starts_with(options.repository + "/")) {
    name = options.repository + "/" + name;
  }
  return name;
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

absl::Status ListRecords(const Session& session, RecordsOptions options) {
  // No name has what every filter has.
  const bool is_filter = options.name.find_first_of("=<>: ") != std::string::npos;
  if (options.filter.filter.empty() && is_filter) options.filter.filter.swap(options.name);
  if (options.filter.caller.empty()) options.filter.caller = session.caller_argument();
  const Client client = session.NewClient();
  v1::ListRecordsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(client, options));
  ASSIGN_OR_RETURN(*request.mutable_filter(),
                   RecordFilterText(options.filter, Clock::Real()->Now()));
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
  RecordFilterOptions* const filter = &list->filter;
  CLI::App* command = session->AddCommand(app, "records", "List records, newest first",
                                          [=] { return ListRecords(*session, *list); });
  command->add_option("NAME", list->name, "acme, acme/support/triage, or that @v12 or @production");
  command->add_option("FILTER", filter->filter,
                      "Only those it holds of: status = failed AND latency > 2s");
  command->footer(
      "A filter compares fields by = != < <= > >= and looks inside text by :, and is\n"
      "joined by AND, OR, NOT and parentheses. Fields: prompt version commit draft\n"
      "label caller subject tags.NAME status error_reason model provider time latency\n"
      "first_piece tokens input_tokens output_tokens pieces attempts output_valid\n"
      "external stream variables.PATH output");
  command->add_option("-r,--repository", list->repository, "Only of this repository")
      ->type_name("REPO");
  command->add_option("--label", filter->label, "Only calls by this label")->type_name("NAME");
  command->add_option("--caller,--by", filter->caller, "Only calls of this caller")
      ->type_name("CALLER");
  command->add_option("--subject", filter->subject, "Only calls about this subject")
      ->type_name("SUBJECT");
  command->add_option("--tag", filter->tags, "Only calls with this tag; may be repeated")
      ->type_name("K[=V]")
      ->allow_extra_args(false);
  command->add_option("--model", filter->model, "Only calls of this model")->type_name("MODEL");
  command
      ->add_option("--status", filter->statuses,
                   "Any of ok failed cancelled timed-out cut unknown open; by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("STATUS,...");
  command->add_flag("--failed", filter->failed, "Only those that ended and aren't ok");
  command->add_option("--since", filter->since, "Not before: 2h, 7d, 2026-11-23, RFC 3339")
      ->type_name("TIME");
  command->add_option("--until", filter->until, "Before")->type_name("TIME");
  command->add_flag("--outputs", list->outputs, "What was answered, one below the other");
  command->add_option("-n,--limit", list->limit, "At most so many; 0 is all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

}  // namespace colophon
