#include "client/cli/compare.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "client/cli/group_sums.h"
#include "client/cli/statistics.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

using Summary = v1::RecordSummary;

absl::StatusOr<const Summary*> FindGroup(const v1::SummarizeRecordsResponse& response,
                                         const std::string& group) {
  std::vector<std::string> groups;
  for (const Summary& summary : response.summaries()) {
    if (summary.group() == group) return &summary;
    groups.push_back(summary.group().empty() ? "(none)" : summary.group());
  }
  return NotFound("GROUP_NOT_FOUND",
                  groups.empty() ? "there are no such records"
                                 : fmt::format("there are no records of {}; there are of {}",
                                               Quoted(group), fmt::join(groups, ", ")));
}

std::string FormatShare(const Share& share) {
  return fmt::format("{:.1f}% of {}", 100 * share.value(), share.whole);
}

std::string FormatPoints(double points) { return fmt::format("{:+.1f} points", points); }

// "+0.14 s (+12%)"
std::string FormatChange(double a, double b, const std::function<std::string(double)>& format) {
  std::string change = (b < a ? "-" : "+") + format(std::abs(b - a));
  if (a != 0) change += fmt::format(" ({:+.0f}%)", 100 * (b - a) / std::abs(a));
  return change;
}

class Comparer {
 public:
  void AddShares(const std::string& measure, const Share& a, const Share& b) {
    const std::optional<Comparison> comparison = Compare(a, b);
    // What never happened differs in nothing.
    if (!comparison || a.part + b.part == 0) return;
    differences_.push_back({measure, FormatShare(a), FormatShare(b),
                            FormatPoints(100 * (b.value() - a.value())), comparison->test,
                            comparison->p});
  }

  void AddMeans(const std::string& measure, const v1::NumberSummary& of_a,
                const v1::NumberSummary& of_b, const std::function<std::string(double)>& format) {
    const Sample a = SampleOf(of_a), b = SampleOf(of_b);
    const std::optional<Comparison> comparison = Compare(a, b);
    if (!comparison) return;
    differences_.push_back({measure, fmt::format("{} of {}", format(a.mean), a.count),
                            fmt::format("{} of {}", format(b.mean), b.count),
                            FormatChange(a.mean, b.mean, format), comparison->test, comparison->p});
  }

  std::vector<Difference> Take() {
    std::vector<double> ps;
    for (const Difference& difference : differences_) ps.push_back(difference.p);
    ps = CorrectedForMany(ps);
    for (size_t i = 0; i < ps.size(); ++i) differences_[i].p = ps[i];
    return std::move(differences_);
  }

 private:
  std::vector<Difference> differences_;
};

Share FailedShare(const Summary& summary) {
  Share share;
  for (const auto& [reason, count] : summary.reason_counts()) share.part += count;
  share.whole = share.part + summary.ok_count();
  return share;
}

Share ValidShare(const Summary& summary) {
  return {summary.valid_count(), summary.valid_count() + summary.invalid_count()};
}

std::string Plain(double number) { return fmt::format("{:.4g}", number); }

void CompareScore(const std::string& name, const v1::ScoreSummary& a, const v1::ScoreSummary& b,
                  Comparer* comparer) {
  comparer->AddMeans("score " + name, a.numbers(), b.numbers(), Plain);
  comparer->AddShares(fmt::format("score {} = true", name),
                      {a.true_count(), a.true_count() + a.false_count()},
                      {b.true_count(), b.true_count() + b.false_count()});
  int64_t words_of_a = 0, words_of_b = 0;
  std::set<std::string> words;
  for (const auto& [word, count] : a.word_counts()) words_of_a += count, words.insert(word);
  for (const auto& [word, count] : b.word_counts()) words_of_b += count, words.insert(word);
  const auto count = [](const v1::ScoreSummary& score, const std::string& word) {
    const auto found = score.word_counts().find(word);
    return found == score.word_counts().end() ? 0 : found->second;
  };
  for (const std::string& word : words) {
    comparer->AddShares(fmt::format("score {} = {}", name, word), {count(a, word), words_of_a},
                        {count(b, word), words_of_b});
  }
}

void CompareScores(const Summary& a, const Summary& b, Comparer* comparer) {
  std::map<std::string, std::pair<v1::ScoreSummary, v1::ScoreSummary>> scores;
  for (const v1::ScoreSummary& score : a.scores()) scores[score.name()].first = score;
  for (const v1::ScoreSummary& score : b.scores()) scores[score.name()].second = score;
  for (const auto& [name, pair] : scores) CompareScore(name, pair.first, pair.second, comparer);
}

std::string FormatP(double p) { return p < 0.0001 ? "<0.0001" : fmt::format("{:.2g}", p); }

}  // namespace

absl::StatusOr<std::vector<Difference>> CompareGroups(const v1::SummarizeRecordsResponse& response,
                                                      const std::string& a, const std::string& b) {
  ASSIGN_OR_RETURN(const Summary* const of_a, FindGroup(response, a));
  ASSIGN_OR_RETURN(const Summary* const of_b, FindGroup(response, b));
  const auto seconds = [](double number) { return FormatLatency(absl::Seconds(number)); };
  Comparer comparer;
  comparer.AddShares("failed", FailedShare(*of_a), FailedShare(*of_b));
  comparer.AddShares("valid", ValidShare(*of_a), ValidShare(*of_b));
  comparer.AddMeans("latency", of_a->latency_numbers(), of_b->latency_numbers(), seconds);
  comparer.AddMeans("input tokens", of_a->input_token_numbers(), of_b->input_token_numbers(),
                    Plain);
  comparer.AddMeans("output tokens", of_a->output_token_numbers(), of_b->output_token_numbers(),
                    Plain);
  CompareScores(*of_a, *of_b, &comparer);
  return comparer.Take();
}

void PrintDifferences(const Output& out, const std::string& a, const std::string& b,
                      const std::vector<Difference>& differences) {
  enum Column : size_t { kMeasure, kA, kB, kChange, kP, kNoise, kTest };
  Table table({"MEASURE", a, b, "DIFFERENCE", "P", "NOISE?", "TEST"});
  for (const size_t column : {kMeasure, kP, kNoise}) table.SetWhole(column);
  table.SetOptional(kTest);
  table.SetStyle(kNoise, Style::kBold);
  std::set<std::string> tests;
  for (const Difference& difference : differences) {
    tests.insert(difference.test);
    table.Add({difference.measure, difference.a, difference.b, difference.change,
               FormatP(difference.p), difference.is_more_than_noise() ? "no" : "maybe",
               difference.test});
  }
  table.Print(out);
  if (differences.empty()) {
    out.Note("too few records of one of them to compare anything");
    return;
  }
  out.Note("P: how often chance alone makes a difference as large; below 0.05 it is no noise");
  out.Note(fmt::format("by {}; corrected for {} (Holm)", fmt::join(tests, " and "),
                       Count(std::ssize(differences), "comparison", "comparisons")));
}

json::object DifferencesJson(const std::string& a, const std::string& b,
                             const std::vector<Difference>& differences) {
  json::array list;
  for (const Difference& difference : differences) {
    list.push_back(json::object{{"measure", difference.measure},
                                {"a", difference.a},
                                {"b", difference.b},
                                {"difference", difference.change},
                                {"test", difference.test},
                                {"p", difference.p},
                                {"moreThanNoise", difference.is_more_than_noise()}});
  }
  return {{"a", a}, {"b", b}, {"differences", std::move(list)}};
}

}  // namespace colophon
