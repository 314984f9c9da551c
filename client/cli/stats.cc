// stats

#include <algorithm>
#include <map>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/record_question.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

struct StatsOptions {
  RecordQuestion question;
  std::string group_by = "version";
};

using Durations = google::protobuf::RepeatedPtrField<v1::DurationCount>;

void AddUp(const Durations& added, Durations* durations) {
  std::map<absl::Duration, int64_t> counts;
  for (const v1::DurationCount& count : *durations)
    counts[FromProto(count.up_to())] += count.count();
  for (const v1::DurationCount& count : added) counts[FromProto(count.up_to())] += count.count();
  durations->Clear();
  for (const auto& [up_to, count] : counts) {
    v1::DurationCount* const sum = durations->Add();
    *sum->mutable_up_to() = ToProto(up_to);
    sum->set_count(count);
  }
}

void AddUp(const v1::RecordSummary& added, v1::RecordSummary* sum) {
  sum->set_record_count(sum->record_count() + added.record_count());
  sum->set_ok_count(sum->ok_count() + added.ok_count());
  for (const auto& [reason, count] : added.reason_counts()) {
    (*sum->mutable_reason_counts())[reason] += count;
  }
  sum->set_valid_count(sum->valid_count() + added.valid_count());
  sum->set_invalid_count(sum->invalid_count() + added.invalid_count());
  sum->set_input_tokens(sum->input_tokens() + added.input_tokens());
  sum->set_output_tokens(sum->output_tokens() + added.output_tokens());
  AddUp(added.latencies(), sum->mutable_latencies());
  AddUp(added.first_piece_latencies(), sum->mutable_first_piece_latencies());
}

// "v9" before "v10", and the rest as it is written.
bool Precedes(const v1::RecordSummary& a, const v1::RecordSummary& b) {
  const auto key = [](const std::string& group) {
    const size_t digits = group.find_last_not_of("0123456789") + 1;
    return std::tuple(group.substr(0, digits), group.size(), group);
  };
  return key(a.group()) < key(b.group());
}

// All pages, added up.
absl::StatusOr<v1::SummarizeRecordsResponse> Summarize(const Client& client,
                                                       v1::SummarizeRecordsRequest request) {
  std::map<std::string, v1::RecordSummary> sums;
  do {
    ASSIGN_OR_RETURN(const auto page, client.SummarizeRecords(request));
    for (const v1::RecordSummary& summary : page.summaries())
      AddUp(summary, &sums[summary.group()]);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  v1::SummarizeRecordsResponse all;
  for (auto& [group, sum] : sums) {
    sum.set_group(group);
    *all.add_summaries() = std::move(sum);
  }
  std::sort(all.mutable_summaries()->begin(), all.mutable_summaries()->end(), Precedes);
  return all;
}

// What a share of the calls took at most; "" when none says.
std::string Quantile(const Durations& durations, double share) {
  int64_t all = 0, below = 0;
  for (const v1::DurationCount& count : durations) all += count.count();
  for (const v1::DurationCount& count : durations) {
    below += count.count();
    if (static_cast<double>(below) >= share * static_cast<double>(all)) {
      return FormatLatency(FromProto(count.up_to()));
    }
  }
  return "";
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

void PrintStats(const Output& out, const std::string& group_by,
                const v1::SummarizeRecordsResponse& response) {
  std::string heading = group_by;
  for (char& c : heading) c = static_cast<char>(std::toupper(c));
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
               Quantile(summary.latencies(), 0.5), Quantile(summary.latencies(), 0.95),
               Quantile(summary.first_piece_latencies(), 0.5), Reasons(summary)});
  }
  table.Print(out);
}

absl::Status Stats(const Session& session, const StatsOptions& options) {
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const AskedRecords asked, ReadRecordQuestion(session, client, options.question));
  v1::SummarizeRecordsRequest request;
  request.set_name(asked.name);
  request.set_filter(asked.filter);
  request.set_group_by(options.group_by);
  const auto response = Summarize(client, request);
  if (!response.ok()) return PointIntoFilter(response.status(), request.filter());
  const Output& out = session.output();
  if (out.json()) {
    out.Json(*response);
    return absl::OkStatus();
  }
  PrintStats(out, options.group_by, *response);
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
}

}  // namespace colophon
