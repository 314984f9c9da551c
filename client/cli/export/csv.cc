#include <algorithm>

#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cli/export/formats.h"
#include "client/cli/score_text.h"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/message_parts.h"
#include "service/base/record_facts.h"

namespace colophon {
namespace {

using R = const v1::Record&;

std::string TagsOf(R record) {
  std::vector<std::string> tags;
  for (const auto& [key, value] : record.intent().tags()) tags.push_back(key + "=" + value);
  std::sort(tags.begin(), tags.end());
  return absl::StrJoin(tags, " ");
}

// "ok", "timed_out", as a filter says it.
std::string StatusName(v1::RecordStatus status) {
  std::string name = v1::RecordStatus_Name(status).substr(sizeof("RECORD_STATUS_") - 1);
  for (char& c : name) c = static_cast<char>(std::tolower(c));
  return name;
}

std::string SecondsOf(bool is_there, const google::protobuf::Duration& duration) {
  return is_there ? fmt::format("{}", absl::ToDoubleSeconds(FromProto(duration))) : "";
}

struct Column {
  std::string_view name;
  std::string (*of)(R record);
};

constexpr Column kColumns[] = {
    {"record", +[](R r) { return r.id(); }},
    {"time",
     +[](R r) {
       return absl::FormatTime(absl::RFC3339_full, FromProto(r.intent().start_time()),
                               absl::UTCTimeZone());
     }},
    {"prompt", +[](R r) { return r.intent().prompt(); }},
    {"version",
     +[](R r) { return r.intent().version() > 0 ? fmt::format("v{}", r.intent().version()) : ""; }},
    {"commit", +[](R r) { return r.intent().commit(); }},
    {"label", +[](R r) { return r.intent().label(); }},
    {"status", +[](R r) { return StatusName(StatusOf(r)); }},
    {"error_reason", +[](R r) { return r.outcome().error_reason(); }},
    {"model", +[](R r) { return ModelOf(r); }},
    {"caller", +[](R r) { return r.intent().caller(); }},
    {"subject", +[](R r) { return r.intent().subject(); }},
    {"tags", TagsOf},
    {"latency_seconds",
     +[](R r) { return SecondsOf(r.outcome().has_latency(), r.outcome().latency()); }},
    {"first_piece_seconds",
     +[](R r) {
       return SecondsOf(r.outcome().has_first_piece_latency(), r.outcome().first_piece_latency());
     }},
    {"input_tokens",
     +[](R r) {
       const v1::Usage& usage = r.outcome().completion().usage();
       return usage.has_input_tokens() ? fmt::format("{}", usage.input_tokens()) : "";
     }},
    {"output_tokens",
     +[](R r) {
       const v1::Usage& usage = r.outcome().completion().usage();
       return usage.has_output_tokens() ? fmt::format("{}", usage.output_tokens()) : "";
     }},
    {"output_valid",
     +[](R r) {
       return r.outcome().has_output_valid() ? fmt::format("{}", r.outcome().output_valid()) : "";
     }},
    {"scores", FormatScores},
    {"variables", +[](R r) { return r.intent().variables_json(); }},
    {"output", +[](R r) { return TextOfParts(r.outcome().completion().message()); }},
};

std::string Cell(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string CsvHeading() {
  std::string line;
  for (const Column& column : kColumns)
    line += (line.empty() ? "" : ",") + std::string(column.name);
  return line + "\r\n";
}

absl::StatusOr<std::string> WriteCsv(const v1::ExportedRecord& exported) {
  std::vector<std::string> cells;
  for (const Column& column : kColumns) cells.push_back(Cell(column.of(exported.record())));
  return absl::StrJoin(cells, ",") + "\r\n";
}

}  // namespace colophon
