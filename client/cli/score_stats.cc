#include "client/cli/score_stats.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "client/cli/group_sums.h"
#include "client/cli/statistics.h"
#include "client/cli/table.h"
#include "fmt/format.h"

namespace colophon {
namespace {

// A score of a group, of one type.
struct Line {
  int64_t count = 0;
  std::string value;
  std::string interval;
};

Line LineOf(const Sample& numbers) {
  Line line{.count = numbers.count, .value = fmt::format("mean {:.4g}", numbers.mean)};
  const auto interval = IntervalOf(numbers);
  if (interval) line.interval = fmt::format("{:.4g} to {:.4g}", interval->low, interval->high);
  return line;
}

Line LineOf(const Share& truths) {
  const Interval interval = IntervalOf(truths);
  return {.count = truths.whole,
          .value = fmt::format("true {:.1f}%", 100 * truths.value()),
          .interval = fmt::format("{:.1f}% to {:.1f}%", 100 * interval.low, 100 * interval.high)};
}

// The most frequent first.
Line LineOf(const google::protobuf::Map<std::string, int64_t>& words) {
  Line line;
  std::vector<std::pair<int64_t, std::string>> counts;
  for (const auto& [word, count] : words) counts.emplace_back(-count, word);
  std::sort(counts.begin(), counts.end());
  for (const auto& [count, word] : counts) {
    line.count -= count;
    line.value += fmt::format("{}{} {}", line.value.empty() ? "" : ", ", word, -count);
  }
  return line;
}

std::vector<Line> LinesOf(const v1::ScoreSummary& score) {
  std::vector<Line> lines;
  const Share truths{score.true_count(), score.true_count() + score.false_count()};
  if (score.numbers().count() > 0) lines.push_back(LineOf(SampleOf(score.numbers())));
  if (truths.whole > 0) lines.push_back(LineOf(truths));
  if (!score.word_counts().empty()) lines.push_back(LineOf(score.word_counts()));
  return lines;
}

}  // namespace

void PrintScoreStats(const Output& out, const std::string& heading,
                     const v1::SummarizeRecordsResponse& response) {
  enum Column : size_t { kGroup, kScore, kCount, kValue, kInterval };
  Table table({heading, "SCORE", "COUNT", "VALUE", "95% INTERVAL"});
  for (const size_t column : {kGroup, kScore, kCount, kInterval}) table.SetWhole(column);
  table.SetStyle(kGroup, Style::kBold);
  bool has_scores = false;
  for (const v1::RecordSummary& summary : response.summaries()) {
    for (const v1::ScoreSummary& score : summary.scores()) {
      for (const Line& line : LinesOf(score)) {
        table.Add({summary.group().empty() ? "-" : summary.group(), score.name(),
                   fmt::format("{}", line.count), line.value, line.interval});
        has_scores = true;
      }
    }
  }
  if (!has_scores) return;
  out.Line();
  table.Print(out);
}

}  // namespace colophon
