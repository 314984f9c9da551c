#include "service/record/score_summaries.h"

#include <utility>

#include "service/record/number_summary.h"

namespace colophon {

void ScoreSummaries::Add(const v1::Record& record) {
  for (const v1::Score& score : record.scores()) {
    if (score.corrected()) continue;
    v1::ScoreSummary& sum = sums_[score.name()];
    if (score.has_number()) AddNumber(score.number(), sum.mutable_numbers());
    if (score.has_truth() && score.truth()) sum.set_true_count(sum.true_count() + 1);
    if (score.has_truth() && !score.truth()) sum.set_false_count(sum.false_count() + 1);
    if (score.has_word()) ++(*sum.mutable_word_counts())[score.word()];
  }
}

void ScoreSummaries::Take(google::protobuf::RepeatedPtrField<v1::ScoreSummary>* summaries) {
  for (auto& [name, sum] : sums_) {
    sum.set_name(name);
    *summaries->Add() = std::move(sum);
  }
  sums_.clear();
}

}  // namespace colophon
