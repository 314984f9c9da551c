#include "service/record/summaries.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/time/time.h"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/record_facts.h"
#include "service/base/reference.h"
#include "service/record/number_summary.h"

namespace colophon {
namespace {

constexpr double kStepsOfDoubling = 8;
constexpr std::string_view kTagPrefix = "tags.";

// The step of a duration: the least n for which it is no longer than 2^(n/8) µs.
int StepOf(const google::protobuf::Duration& duration) {
  const double micros = absl::ToDoubleMicroseconds(FromProto(duration));
  if (micros <= 1) return 0;
  // Less a little, so that 2^(n/8) itself is of step n.
  return static_cast<int>(std::ceil(kStepsOfDoubling * std::log2(micros) - 1e-6));
}

absl::Duration DurationOf(int step) {
  return absl::Microseconds(std::exp2(step / kStepsOfDoubling));
}

void Write(const std::map<int, int64_t>& steps,
           google::protobuf::RepeatedPtrField<v1::DurationCount>* counts) {
  for (const auto& [step, count] : steps) {
    v1::DurationCount* const added = counts->Add();
    *added->mutable_up_to() = ToProto(DurationOf(step));
    added->set_count(count);
  }
}

// "timed_out", as a filter says it.
std::string StatusText(const v1::Record& record) {
  std::string text = v1::RecordStatus_Name(StatusOf(record)).substr(sizeof("RECORD_STATUS_") - 1);
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

std::string VersionText(const v1::Record& record) {
  const v1::Intent& intent = record.intent();
  return intent.version() > 0 ? fmt::format("v{}", intent.version()) : intent.commit();
}

struct NamedGroup {
  std::string_view name;
  std::string (*of)(const v1::Record& record);
};

using R = const v1::Record&;
constexpr NamedGroup kGroups[] = {
    {"version", +[](R r) { return r.intent().prompt() + "@" + VersionText(r); }},
    {"prompt", +[](R r) { return r.intent().prompt(); }},
    {"label", +[](R r) { return r.intent().label(); }},
    {"model", +[](R r) { return ModelOf(r); }},
    {"provider",
     +[](R r) {
       const std::string& model = ModelOf(r);
       return model.substr(0, model.find('/'));
     }},
    {"day",
     +[](R r) {
       return absl::FormatTime("%Y-%m-%d", FromProto(r.intent().start_time()), absl::UTCTimeZone());
     }},
    {"caller", +[](R r) { return r.intent().caller(); }},
    {"subject", +[](R r) { return r.intent().subject(); }},
    {"status", StatusText},
};

}  // namespace

absl::StatusOr<Summaries> Summaries::By(const std::string& group_by, bool of_one_prompt) {
  Summaries summaries;
  if (group_by.empty()) return summaries;
  if (group_by.starts_with(kTagPrefix) && group_by.size() > kTagPrefix.size()) {
    summaries.tag_ = group_by.substr(kTagPrefix.size());
    return summaries;
  }
  const auto found = std::find_if(std::begin(kGroups), std::end(kGroups),
                                  [&](const NamedGroup& group) { return group.name == group_by; });
  if (found == std::end(kGroups)) {
    return InvalidArgument("BAD_GROUP",
                           fmt::format("group_by is {}; records are added up by version, prompt, "
                                       "label, model, provider, day, caller, subject, status or "
                                       "tags.NAME",
                                       Quoted(group_by)));
  }
  const bool number_alone = of_one_prompt && group_by == "version";
  summaries.group_ = number_alone ? VersionText : found->of;
  return summaries;
}

std::string Summaries::GroupOf(const v1::Record& record) const {
  if (group_ != nullptr) return group_(record);
  if (tag_.empty()) return "";
  const auto tag = record.intent().tags().find(tag_);
  return tag == record.intent().tags().end() ? "" : tag->second;
}

void Summaries::Add(const v1::Record& record) {
  Sum& sum = sums_[GroupOf(record)];
  v1::RecordSummary& summary = sum.summary;
  summary.set_record_count(summary.record_count() + 1);
  sum.scores.Add(record);
  if (!record.has_outcome()) return;
  const v1::Outcome& outcome = record.outcome();
  if (outcome.status() == v1::RECORD_STATUS_OK) {
    summary.set_ok_count(summary.ok_count() + 1);
  } else {
    ++(*summary.mutable_reason_counts())[outcome.error_reason()];
  }
  if (outcome.has_output_valid()) {
    if (outcome.output_valid()) {
      summary.set_valid_count(summary.valid_count() + 1);
    } else {
      summary.set_invalid_count(summary.invalid_count() + 1);
    }
  }
  const v1::Usage& usage = outcome.completion().usage();
  summary.set_input_tokens(summary.input_tokens() + usage.input_tokens());
  summary.set_output_tokens(summary.output_tokens() + usage.output_tokens());
  if (usage.has_input_tokens()) {
    AddNumber(static_cast<double>(usage.input_tokens()), summary.mutable_input_token_numbers());
  }
  if (usage.has_output_tokens()) {
    AddNumber(static_cast<double>(usage.output_tokens()), summary.mutable_output_token_numbers());
  }
  if (outcome.has_latency()) {
    ++sum.latencies[StepOf(outcome.latency())];
    AddNumber(absl::ToDoubleSeconds(FromProto(outcome.latency())),
              summary.mutable_latency_numbers());
  }
  if (outcome.has_first_piece_latency()) {
    ++sum.first_piece_latencies[StepOf(outcome.first_piece_latency())];
  }
}

void Summaries::Take(google::protobuf::RepeatedPtrField<v1::RecordSummary>* summaries) {
  for (auto& [group, sum] : sums_) {
    v1::RecordSummary* const taken = summaries->Add();
    *taken = std::move(sum.summary);
    taken->set_group(group);
    Write(sum.latencies, taken->mutable_latencies());
    Write(sum.first_piece_latencies, taken->mutable_first_piece_latencies());
    sum.scores.Take(taken->mutable_scores());
  }
  sums_.clear();
}

}  // namespace colophon
