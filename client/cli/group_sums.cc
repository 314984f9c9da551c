#include "client/cli/group_sums.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "service/base/clock.h"

namespace colophon {
namespace {

using Durations = google::protobuf::RepeatedPtrField<v1::DurationCount>;
using Scores = google::protobuf::RepeatedPtrField<v1::ScoreSummary>;

void AddUp(const Durations& added, Durations* durations) {
  std::map<absl::Duration, int64_t> counts;
  for (const Durations* each : {&added, static_cast<const Durations*>(durations)}) {
    for (const v1::DurationCount& count : *each) counts[FromProto(count.up_to())] += count.count();
  }
  durations->Clear();
  for (const auto& [up_to, count] : counts) {
    v1::DurationCount* const sum = durations->Add();
    *sum->mutable_up_to() = ToProto(up_to);
    sum->set_count(count);
  }
}

void AddUp(const v1::NumberSummary& added, v1::NumberSummary* sum) {
  Sample sample = SampleOf(*sum);
  sample.Add(SampleOf(added));
  sum->set_count(sample.count);
  sum->set_mean(sample.mean);
  sum->set_squared_deviation(sample.squared_deviation);
}

void AddUp(const v1::ScoreSummary& added, v1::ScoreSummary* sum) {
  sum->set_name(added.name());
  AddUp(added.numbers(), sum->mutable_numbers());
  sum->set_true_count(sum->true_count() + added.true_count());
  sum->set_false_count(sum->false_count() + added.false_count());
  for (const auto& [word, count] : added.word_counts()) {
    (*sum->mutable_word_counts())[word] += count;
  }
}

void AddUp(const Scores& added, Scores* scores) {
  std::map<std::string, v1::ScoreSummary> sums;
  for (const Scores* each : {&added, static_cast<const Scores*>(scores)}) {
    for (const v1::ScoreSummary& score : *each) AddUp(score, &sums[score.name()]);
  }
  scores->Clear();
  for (auto& [name, sum] : sums) *scores->Add() = std::move(sum);
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
  AddUp(added.input_token_numbers(), sum->mutable_input_token_numbers());
  AddUp(added.output_token_numbers(), sum->mutable_output_token_numbers());
  AddUp(added.latency_numbers(), sum->mutable_latency_numbers());
  AddUp(added.scores(), sum->mutable_scores());
}

bool Precedes(const v1::RecordSummary& a, const v1::RecordSummary& b) {
  const auto key = [](const std::string& group) {
    const size_t digits = group.find_last_not_of("0123456789") + 1;
    return std::tuple(group.substr(0, digits), group.size(), group);
  };
  return key(a.group()) < key(b.group());
}

}  // namespace

absl::StatusOr<v1::SummarizeRecordsResponse> SumGroups(const Client& client,
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

Sample SampleOf(const v1::NumberSummary& numbers) {
  return {numbers.count(), numbers.mean(), numbers.squared_deviation()};
}

absl::Duration Quantile(const Durations& durations, double share) {
  int64_t all = 0, below = 0;
  for (const v1::DurationCount& count : durations) all += count.count();
  for (const v1::DurationCount& count : durations) {
    below += count.count();
    if (static_cast<double>(below) >= share * static_cast<double>(all)) {
      return FromProto(count.up_to());
    }
  }
  return absl::InfiniteDuration();
}

}  // namespace colophon
