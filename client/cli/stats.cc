// stats

#include <algorithm>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/compare.h"
#include "client/cli/group_sums.h"
#include "client/cli/record_question.h"
#include "client/cli/score_stats.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

struct StatsOptions {
  RecordQuestion question;
  std::string group_by = "version";
  std::vector<std::string> compared;  // None, or two.
};

// "1.2 s"; "" when none says.
std::string QuantileText(const google::protobuf::RepeatedPtrField<v1::DurationCount>& durations,
                         double share) {
  const absl::Duration quantile = Quantile(durations, share);
  return quantile == absl::InfiniteDuration() ? "" : FormatLatency(quantile);
}

std::string Percent(int64_t part, int64_t whole) {
  if (whole == 0) return "";
  return fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// A call's, on average; "" when none tells.
std::string Average(int64_t sum, int64_t count) {
  return sum == 0 || count == 0 ? "" : fmt::format("{}", (sum + count / 2) / count);
}

std::string Reasons(const v1::RecordSummary& summary) {
  std::vector<std::pair<int64_t, std::string>> reasons;
  for (const auto& [reason, count] : summary.reason_counts()) reasons.emplace_back(-count, reason);
  std::sort(reasons.begin(), reasons.end());
  std::string text;
  for (const auto& [count, reason] : reasons) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", reason, -count);
  }
  return text;
}

// "VERSION"
std::string HeadingOf(std::string group_by) {
  for (char& c : group_by) c = static_cast<char>(std::toupper(c));
  return group_by;
}

void PrintStats(const Output& out, const std::string& heading,
                const v1::SummarizeRecordsResponse& response) {
  enum Column : size_t { kGroup, kCalls, kOk, kValid, kIn, kOut, kP50, kP95, kFirst, kReasons };
  Table table({heading, "CALLS", "OK", "VALID", "IN", "OUT", "P50", "P95", "FIRST", "FAILED BY"});
  for (const size_t column : {kGroup, kCalls, kOk}) table.SetWhole(column);
  for (const size_t column : {kFirst, kIn, kOut, kValid}) table.SetOptional(column);
  table.SetStyle(kGroup, Style::kBold);
  for (const v1::RecordSummary& summary : response.summaries()) {
    const int64_t count = summary.record_count();
    table.Add({summary.group().empty() ? "-" : summary.group(), fmt::format("{}", count),
               Percent(summary.ok_count(), count),
               Percent(summary.valid_count(), summary.valid_count() + summary.invalid_count()),
               Average(summary.input_tokens(), count), Average(summary.output_tokens(), count),
               QuantileText(summary.latencies(), 0.5), QuantileText(summary.latencies(), 0.95),
               QuantileText(summary.first_piece_latencies(), 0.5), Reasons(summary)});
  }
  table.Print(out);
}

absl::Status PrintComparison(const Output& out, const StatsOptions& options,
                             const v1::SummarizeRecordsResponse& response) {
  const std::string &a = options.compared[0], &b = options.compared[1];
  ASSIGN_OR_RETURN(const std::vector<Difference> differences, CompareGroups(response, a, b));
  if (out.json()) {
    out.Line(WriteJson(DifferencesJson(a, b, differences)));
  } else {
    PrintDifferences(out, a, b, differences);
  }
  return absl::OkStatus();
}

absl::Status Stats(const Session& session, const StatsOptions& options) {
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const AskedRecords asked, ReadRecordQuestion(session, client, options.question));
  v1::SummarizeRecordsRequest request;
  request.set_name(asked.name);
  request.set_filter(asked.filter);
  request.set_group_by(options.group_by);
  const auto response = SumGroups(client, request);
  if (!response.ok()) return PointIntoFilter(response.status(), request.filter());
  const Output& out = session.output();
  if (!options.compared.empty()) return PrintComparison(out, options, *response);
  if (out.json()) {
    out.Json(*response);
    return absl::OkStatus();
  }
  const std::string heading = HeadingOf(options.group_by);
  PrintStats(out, heading, *response);
  PrintScoreStats(out, heading, *response);
  if (response->summaries().empty()) out.Note("no such records");
  return absl::OkStatus();
}

}  // namespace

void AddStatsCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<StatsOptions>();
  CLI::App* command = session->AddCommand(
      app, "stats", "Count calls, failures, tokens and times by what they share",
      [=] { return Stats(*session, *options); });
  AddRecordQuestion(command, &options->question);
  command
      ->add_option("--by", options->group_by,
                   "version, prompt, label, model, provider, day, caller, subject, status or "
                   "tags.NAME")
      ->capture_default_str()
      ->type_name("WHAT");
  command
      ->add_option("--compare", options->compared,
                   "Only these two of them, v12 v13, and whether they differ by more than noise")
      ->expected(2)
      ->type_name("A B");
}

}  // namespace colophon
