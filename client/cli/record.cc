// record

#include <memory>

#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/message_text.h"
#include "client/cli/record_text.h"
#include "client/cli/score_text.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/json.h"
#include "service/base/record_facts.h"

namespace colophon {
namespace {

// JSON text without its line ends and spaces.
std::string OneLine(const std::string& json) {
  const absl::StatusOr<json::value> value = ParseJson(json);
  return value.ok() && *value != json::value(json::object()) ? WriteJson(*value) : "";
}

std::string JsonOf(const google::protobuf::Struct& object) {
  return object.fields().empty() ? "" : WriteJson(ToJson(object));
}

// Who published the version, when and why.
void PrintPublished(const Output& out, const v1::Version& version) {
  if (version.author().empty() && !version.has_publish_time()) return;
  out.Field("published",
            fmt::format("{} by {}", out.Time(version.publish_time()), version.author()));
  out.Field("because", FirstLine(version.description()));
}

void PrintIntent(const Output& out, const v1::GetRecordResponse& response) {
  const v1::Record& record = response.record();
  const v1::Intent& intent = record.intent();
  std::string tags;
  for (const auto& [key, value] : intent.tags()) {
    tags += (tags.empty() ? "" : " ") + key + "=" + value;
  }
  out.Field("record", record.id());
  out.Field("version", response.version());
  PrintPublished(out, response.published());
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
  int number = 0;
  for (const v1::Attempt& attempt : outcome.attempts()) {
    ++number;
    const bool failed = !attempt.error_reason().empty();
    if (failed || outcome.attempts_size() > 1) {
      out.Field("attempt", fmt::format("{} after {}{}", attempt.model(),
                                       FormatLatency(FromProto(attempt.start_offset())),
                                       failed ? ": " + attempt.error_reason() + ", " +
                                                    FirstLine(attempt.error_message())
                                              : ""));
    }
    if (attempt.has_raw_answer()) {
      out.Field("kept", fmt::format("{} bytes of what it sent: --raw --attempt {}",
                                    attempt.raw_answer().byte_count(), number));
    }
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

// In the order in which they were said; a corrected one says so.
void PrintScores(const Output& out, const v1::Record& record) {
  for (const v1::Score& score : record.scores()) {
    out.Field(
        "score",
        fmt::format("{} by {}, {}{}{}", FormatScore(score), score.caller(),
                    out.Time(score.score_time()), score.corrected() ? ", corrected since" : "",
                    score.note().empty() ? "" : ": " + FoldWhiteSpace(score.note())));
  }
}

struct RecordOptions {
  std::string id;
  bool rendered = false;
  bool request = false;
  bool raw = false;
  int attempt = 0;
};

// What the provider sent and nothing else; what there is to say of it is on stderr.
void PrintRaw(const Output& out, const v1::GetRecordResponse& response) {
  const int number = response.raw_attempt();
  const v1::Outcome& outcome = response.record().outcome();
  const v1::Attempt& attempt = outcome.attempts(number - 1);
  const v1::RawAnswer& raw = attempt.raw_answer();
  out.Note(fmt::format("attempt {} of {}, {}, SHA-256 {}", number, outcome.attempts_size(),
                       attempt.model(), raw.sha256()));
  if (raw.omitted_byte_count() > 0) {
    out.Note(
        fmt::format("{} bytes are not kept, behind the first {}: the provider's "
                    "keep_raw_bytes bound it",
                    raw.omitted_byte_count(), raw.omitted_offset()));
  }
  out.Write(out.Safe(raw.data()));
  if (out.terminal()) out.Line();
}

absl::Status ShowRecord(const Session& session, const RecordOptions& options) {
  v1::GetRecordRequest request;
  request.set_id(options.id);
  request.set_rendered(options.rendered);
  request.set_request(options.request);
  request.set_raw(options.raw);
  request.set_raw_attempt(options.attempt);
  ASSIGN_OR_RETURN(const auto response, session.NewClient().GetRecord(request));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  if (request.raw()) {
    PrintRaw(out, response);
    return absl::OkStatus();
  }
  if (options.request) {
    // The bytes and nothing else: what jq or a second call is given.
    out.Write(out.Safe(response.request_body()));
    if (out.terminal()) out.Line();
    return absl::OkStatus();
  }
  PrintIntent(out, response);
  PrintOutcome(out, response.record());
  PrintScores(out, response.record());
  if (options.rendered) {
    out.Field("sent config", JsonOf(response.rendered().config()));
    out.Field("rendered", response.rendered_verified() ? "again, with the recorded digest" : "");
    out.Field("request", response.request_verified() ? "built again, with the recorded digest"
                                                     : "could not be built again; see --request");
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

}  // namespace

void AddRecordCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<RecordOptions>();
  CLI::App* command = session->AddCommand(
      app, "record", "Show a record: the version, who published it, the call and the output",
      [=] { return ShowRecord(*session, *options); });
  command->add_option("ID", options->id, "Its id, or the first 8 or more hex digits")->required();
  CLI::Option* const rendered =
      command->add_flag("--rendered", options->rendered, "What was sent too, rebuilt and verified");
  CLI::Option* const sent =
      command
          ->add_flag("--request", options->request,
                     "The body of the request to the provider and nothing else, as it was sent")
          ->excludes(rendered);
  CLI::Option* const raw =
      command
          ->add_flag("--raw", options->raw,
                     "What the provider sent and nothing else: kept of attempts that failed, or as "
                     "the provider's keep_raw says")
          ->excludes(rendered)
          ->excludes(sent);
  command
      ->add_option("--attempt", options->attempt,
                   "With --raw: in this attempt, from 1, and not in the last one that has it")
      ->needs(raw)
      ->check(CLI::PositiveNumber);
}

}  // namespace colophon
