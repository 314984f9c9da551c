// records, record, find

#include <memory>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "client/cli/arguments.h"
#include "client/cli/commands.h"
#include "client/cli/local_file.h"
#include "client/cli/message_text.h"
#include "client/cli/pages.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/base/json.h"
#include "service/base/message_parts.h"

namespace colophon {
namespace {

constexpr int kDefaultLimit = 50;
// A server takes messages of 4 MiB unless it is configured for more or less; of a
// larger text the digest says the same.
constexpr size_t kMaxTextSent = 1 << 20;

// "support/triage@v12", or by its commit when it was a draft.
std::string VersionOf(const v1::Intent& intent) {
  const std::string selector =
      intent.version() > 0 ? fmt::format("v{}", intent.version()) : ShortCommit(intent.commit());
  return fmt::format("{}/{}@{}", intent.repository(), intent.prompt(), selector);
}

v1::RecordStatus StatusOf(const v1::Record& record) {
  return record.has_outcome() ? record.outcome().status() : v1::RECORD_STATUS_OPEN;
}

std::string ModelOf(const v1::Record& record) {
  const std::string& answered = record.outcome().model();
  return answered.empty() ? record.intent().model() : answered;
}

template <class Records>
void PrintRecords(const Output& out, const Records& records) {
  Table table({"WHEN", "RECORD", "VERSION", "LABEL", "STATUS", "MODEL", "CALLER"});
  for (const size_t column : {0, 1, 2}) table.SetWhole(column);
  table.SetStyle(2, Style::kBold);
  for (const v1::Record& record : records) {
    const v1::Intent& intent = record.intent();
    table.Add({out.ShortTime(intent.start_time()), record.id(), VersionOf(intent), intent.label(),
               FormatStatus(StatusOf(record)), ModelOf(record), intent.caller()});
  }
  table.Print(out);
}

struct RecordsOptions {
  std::string name;
  std::string repository;
  std::string label;
  std::string caller;
  std::string status;
  std::string since;
  std::string until;
  std::string filter;
  int limit = kDefaultLimit;
};

// With the filter under the message, and a mark where it is wrong.
absl::Status PointInto(const absl::Status& status, const std::string& filter) {
  if (ReasonOf(status) != "BAD_FILTER") return status;
  const ErrorMetadata metadata = MetadataOf(status);
  const auto column = metadata.find("column");
  int characters = 0;
  if (column == metadata.end() || !absl::SimpleAtoi(column->second, &characters)) return status;
  // So many characters, which are wider than bytes are many or as wide as two.
  size_t at = 0;
  for (int i = 1; i < characters && at < filter.size(); ++i) {
    do ++at;
    while (at < filter.size() && (static_cast<unsigned char>(filter[at]) & 0xc0) == 0x80);
  }
  const auto width = static_cast<size_t>(DisplayWidth(filter.substr(0, at)));
  return InvalidArgument(
      "BAD_FILTER",
      fmt::format("{}\n  {}\n  {}^", MessageOf(status), filter, std::string(width, ' ')), metadata);
}

// "cancelled" → RECORD_STATUS_CANCELLED
absl::StatusOr<v1::RecordStatus> ParseStatus(const std::string& text) {
  std::string name = "RECORD_STATUS_";
  for (const char c : text) {
    name += c == ' ' || c == '-' ? '_' : static_cast<char>(std::toupper(c));
  }
  v1::RecordStatus status;
  if (v1::RecordStatus_Parse(name, &status) && status != v1::RECORD_STATUS_UNSPECIFIED)
    return status;
  return InvalidArgument("BAD_STATUS",
                         fmt::format("\"{}\" is not a status; write ok, cancelled, failed, "
                                     "timed-out, cut, unknown or open",
                                     text));
}

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

absl::StatusOr<std::string> NameOf(const Client& client, const RecordsOptions& options) {
  std::string name = options.name;
  if (name.empty()) name = options.repository;
  if (name.empty()) {
    ASSIGN_OR_RETURN(name, OnlyRepository(client));
  } else if (!options.name.empty() && !options.repository.empty() &&
             options.name.rfind(options.repository + "/", 0) != 0) {
    name = options.repository + "/" + options.name;
  }
  if (options.label.empty()) return name;
  if (name.find('/') == std::string::npos || name.find('@') != std::string::npos) {
    return InvalidArgument(
        "BAD_USAGE", fmt::format("--label needs a prompt without a selector, not \"{}\"", name));
  }
  return name + "@" + options.label;
}

// No name has what every filter has.
bool IsFilter(const std::string& text) { return text.find_first_of("=<>: ") != std::string::npos; }

absl::Status ListRecords(const Session& session, RecordsOptions options) {
  if (options.filter.empty() && IsFilter(options.name)) options.filter.swap(options.name);
  const Client client = session.NewClient();
  v1::ListRecordsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(client, options));
  request.set_caller(options.caller);
  if (!options.status.empty()) {
    ASSIGN_OR_RETURN(const v1::RecordStatus status, ParseStatus(options.status));
    request.set_status(status);
  }
  const absl::Time now = Clock::Real()->Now();
  if (!options.since.empty()) {
    ASSIGN_OR_RETURN(const absl::Time since, ParseTime(options.since, now));
    *request.mutable_start_time() = ToProto(since);
  }
  if (!options.until.empty()) {
    ASSIGN_OR_RETURN(const absl::Time until, ParseTime(options.until, now));
    *request.mutable_end_time() = ToProto(until);
  }
  request.set_filter(options.filter);
  const auto listed = ReadPages(client, &Client::ListRecords, request, options.limit,
                                &v1::ListRecordsResponse::mutable_records);
  if (!listed.ok()) return PointInto(listed.status(), options.filter);
  const v1::ListRecordsResponse& response = *listed;
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  PrintRecords(out, response.records());
  if (response.records().empty()) out.Note("no such records");
  if (!response.next_page_token().empty()) {
    out.Note(fmt::format("the newest {}; there are more, see --limit", response.records_size()));
  }
  return absl::OkStatus();
}

// JSON text without its line ends and spaces.
std::string OneLine(const std::string& json) {
  const absl::StatusOr<json::value> value = ParseJson(json);
  return value.ok() && *value != json::value(json::object()) ? WriteJson(*value) : "";
}

std::string JsonOf(const google::protobuf::Struct& object) {
  return object.fields().empty() ? "" : WriteJson(ToJson(object));
}

void PrintIntent(const Output& out, const v1::Record& record, const std::string& version) {
  const v1::Intent& intent = record.intent();
  std::string tags;
  for (const auto& [key, value] : intent.tags()) {
    tags += (tags.empty() ? "" : " ") + key + "=" + value;
  }
  out.Field("record", record.id());
  out.Field("version", version);
  out.Field("commit", intent.commit());
  out.Field("digest", intent.digest());
  out.Field("reference", intent.reference());
  out.Field("label", intent.label());
  out.Field("when", out.Time(intent.start_time()));
  out.Field("caller", intent.caller());
  out.Field("subject", intent.subject());
  out.Field("tags", tags);
  out.Field("trace", intent.traceparent());
  out.Field("variables", OneLine(intent.variables_json()));
  out.Field("context", OneLine(intent.context_json()));
  if (!intent.history().empty()) {
    out.Field("history", Count(intent.history_size(), "message", "messages"));
  }
  out.Field("model", ModelOf(record));
  if (ModelOf(record) != intent.model()) out.Field("asked first", intent.model());
  out.Field("override", intent.overrides().model());
  out.Field("parameters", JsonOf(intent.overrides().config()));
  if (intent.external()) out.Field("called by", "the app itself");
  std::string brought;
  for (const v1::Tool& tool : intent.tools()) brought += " tool:" + tool.name();
  for (const auto& [name, schema] : intent.schemas()) brought += " schema:" + name;
  out.Field("brought", brought.substr(brought.empty() ? 0 : 1));
  out.Field("undefined", absl::StrJoin(intent.undefined(), " "));
}

void PrintAttempts(const Output& out, const v1::Outcome& outcome) {
  for (const v1::Attempt& attempt : outcome.attempts()) {
    if (attempt.error_reason().empty() && outcome.attempts_size() == 1) return;
    out.Field("attempt",
              fmt::format("{} after {}{}{}", attempt.model(),
                          FormatLatency(FromProto(attempt.start_offset())),
                          attempt.error_reason().empty() ? "" : ": ",
                          attempt.error_reason().empty() ? ""
                                                         : attempt.error_reason() + ", " +
                                                               FirstLine(attempt.error_message())));
  }
}

void PrintOutcome(const Output& out, const v1::Record& record) {
  out.Field("status", FormatStatus(StatusOf(record)));
  const v1::Outcome& outcome = record.outcome();
  if (!outcome.error_reason().empty()) {
    out.Field("error", outcome.error_reason() + ": " + FirstLine(outcome.error_message()));
  }
  PrintAttempts(out, outcome);
  if (outcome.removed_secret_count() > 0) {
    out.Field("removed", fmt::format("a secret of the provider's configuration, {} times: [key]",
                                     outcome.removed_secret_count()));
  }
  if (outcome.has_output_valid()) {
    out.Field("schema", outcome.output_valid()
                            ? "the output follows it"
                            : "broken: " + FormatViolations(outcome.output_violations()));
  }
  out.Field("usage", FormatUsage(outcome.completion().usage()));
  if (outcome.has_latency()) out.Field("latency", FormatLatency(FromProto(outcome.latency())));
  if (outcome.has_first_piece_latency()) {
    out.Field("first piece", FormatLatency(FromProto(outcome.first_piece_latency())));
  }
  out.Field("stopped by", outcome.completion().provider_stop_reason());
}

absl::Status ShowRecord(const Session& session, const std::string& id, bool rendered) {
  v1::GetRecordRequest request;
  request.set_id(id);
  request.set_rendered(rendered);
  ASSIGN_OR_RETURN(const auto response, session.NewClient().GetRecord(request));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  PrintIntent(out, response.record(), response.version());
  PrintOutcome(out, response.record());
  if (rendered) {
    out.Field("sent config", JsonOf(response.rendered().config()));
    out.Field("verified", response.rendered_verified() ? "yes" : "no");
    out.Field("request", response.request_verified() ? "verified: yes" : "not verified");
    out.Line();
    PrintRendered(out, response.rendered());
  }
  if (response.record().outcome().completion().message().parts().empty()) return absl::OkStatus();
  out.Line();
  out.Line(out.Styled(Style::kGreen, "--- output ---"));
  PrintCompletion(out, response.record().outcome().completion());
  if (!out.terminal()) out.Line();
  return absl::OkStatus();
}

// What was found in an output, on one line.
std::string FormatExcerpt(const v1::Record& record, const v1::TextSpan& span) {
  const std::string text = TextOfParts(record.outcome().completion().message());
  const size_t end = std::min(static_cast<size_t>(span.end_byte()), text.size());
  const size_t begin = std::min(static_cast<size_t>(span.start_byte()), end);
  return Truncate(FoldWhiteSpace(text.substr(begin, end - begin)), 160);
}

// Said once, for all records that are found have the same.
std::string FormatMatch(v1::OutputMatch match) {
  if (match == v1::OUTPUT_MATCH_NORMAL_FORM) return "the same words, other white space";
  return match == v1::OUTPUT_MATCH_EXCERPT ? "a part of the output, word by word" : "";
}

// The auditor's answer. On a terminal each record is an account of its own; in
// a pipe it is a line, with the whole commit.
void PrintFound(const Output& out, const v1::FindRecordsResponse& response) {
  bool first = true;
  for (int i = 0; i < response.records_size(); ++i) {
    const v1::Record& record = response.records(i);
    const v1::Intent& intent = record.intent();
    if (!out.terminal()) {
      out.Line(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", record.id(), VersionOf(intent),
                           intent.commit(), intent.label(), ModelOf(record),
                           out.Time(intent.start_time()), FirstLine(intent.caller())));
      continue;
    }
    if (!first) out.Line();
    first = false;
    out.Field("record", record.id());
    out.Field("version", VersionOf(intent));
    out.Field("commit", intent.commit());
    out.Field("label", intent.label());
    out.Field("model", ModelOf(record));
    out.Field("when", out.Time(intent.start_time()));
    out.Field("caller", intent.caller());
    if (i < response.spans_size()) {
      out.Field("found", FormatExcerpt(record, response.spans(i)));
    }
  }
  const std::string match = FormatMatch(response.output_match());
  if (!match.empty()) out.Note(match);
}

struct FindOptions {
  std::string text;
  std::string file;
  std::string repository;
  int limit = kDefaultLimit;
};

absl::StatusOr<v1::FindRecordsResponse> Find(const Client& client, const FindOptions& options,
                                             const std::string& text) {
  v1::FindRecordsRequest request;
  request.set_repository(options.repository);
  const auto ask = [&] {
    return ReadPages(client, &Client::FindRecords, request, options.limit,
                     &v1::FindRecordsResponse::mutable_records);
  };
  if (text.size() <= kMaxTextSent) {
    request.set_text(text);
    return ask();
  }
  // A digest has no other forms: the line ends that editors and `echo` add are taken
  // off one by one.
  v1::FindRecordsResponse found;
  std::string_view rest = text;
  while (true) {
    request.set_output_digest(Sha256Hex(rest));
    ASSIGN_OR_RETURN(found, ask());
    const bool more = rest.ends_with('\n') || rest.ends_with('\r');
    if (!found.records().empty() || !more) return found;
    rest.remove_suffix(1);
  }
}

absl::Status FindCommand(const Session& session, const FindOptions& options) {
  if (options.text.empty() == options.file.empty()) {
    return InvalidArgument("BAD_USAGE",
                           "give the output's text with --text, or a file of it (- is standard "
                           "input)");
  }
  std::string text = options.text;
  if (text.empty()) {
    ASSIGN_OR_RETURN(text, ReadInput(options.file));
  }
  if (!IsUtf8(text)) {
    return InvalidArgument("NOT_UTF8",
                           "the text is not UTF-8, as every output is: convert it to UTF-8");
  }
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const v1::FindRecordsResponse response, Find(client, options, text));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
  } else {
    PrintFound(out, response);
  }
  if (!response.records().empty()) return absl::OkStatus();
  const std::string size = Count(static_cast<int64_t>(text.size()), "byte", "bytes");
  if (text.size() > kMaxTextSent) {
    return NotFound("NO_SUCH_OUTPUT",
                    fmt::format("no record's output is exactly these {}, and a text of more than "
                                "{} is looked for as it is and no other way: give a part of it",
                                size, Count(kMaxTextSent, "byte", "bytes")));
  }
  return NotFound("NO_SUCH_OUTPUT",
                  fmt::format("no record's output is or holds these {}: give the whole output, or "
                              "at least eight words in a row of it (24 characters of a script "
                              "without blanks)",
                              size));
}

}  // namespace

void AddRecordCommands(CLI::App* app, Session* session) {
  auto list = std::make_shared<RecordsOptions>();
  CLI::App* command = session->AddCommand(app, "records", "List records, newest first",
                                          [=] { return ListRecords(*session, *list); });
  command->add_option("NAME", list->name, "acme, acme/support/triage, or that @v12 or @production");
  command->add_option("FILTER", list->filter,
                      "Only those it holds of: status = failed AND latency > 2s");
  command->footer(
      "A filter compares fields by = != < <= > >= and looks inside text by :, and is\n"
      "joined by AND, OR, NOT and parentheses. Fields: prompt version commit draft\n"
      "label caller subject tags.NAME status error_reason model provider time latency\n"
      "first_piece tokens input_tokens output_tokens pieces attempts output_valid\n"
      "external stream variables.PATH output\n"
      "\n"
      "  colophon records acme 'status = failed AND time > 1d'\n"
      "  colophon records acme/support/triage 'output : \"refund\" version != 12'\n"
      "  colophon records 'tags.env = prod AND variables.language = ko'");
  command->add_option("-r,--repository", list->repository, "Only of this repository")
      ->type_name("REPO");
  command->add_option("--label", list->label, "Only calls by this label of the prompt")
      ->type_name("NAME");
  command->add_option("--caller,--by", list->caller, "Only calls of this caller")
      ->type_name("CALLER");
  command->add_option("--status", list->status, "ok, cancelled, failed, timed-out, cut, unknown");
  command->add_option("--since", list->since, "Not before: 2h, 7d, 2026-11-23, RFC 3339")
      ->type_name("TIME");
  command->add_option("--until", list->until, "Before")->type_name("TIME");
  command->add_option("-n,--limit", list->limit, "At most so many; 0 is all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);

  auto id = std::make_shared<std::string>();
  auto rendered = std::make_shared<bool>(false);
  command = session->AddCommand(app, "record", "Show a record",
                                [=] { return ShowRecord(*session, *id, *rendered); });
  command->add_option("ID", *id)->required();
  command->add_flag("--rendered", *rendered, "What was sent too, rebuilt and verified");

  auto find = std::make_shared<FindOptions>();
  command = session->AddCommand(app, "find", "Which version and model wrote this output",
                                [=] { return FindCommand(*session, *find); });
  command->add_option("FILE,--file", find->file, "File with the output; - is standard input");
  command->add_option("--text", find->text, "The output itself, or eight words or more of it");
  command->add_option("-r,--repository", find->repository, "Only in this repository")
      ->type_name("REPO");
  command->add_option("-n,--limit", find->limit, "At most so many; 0 is all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

}  // namespace colophon
