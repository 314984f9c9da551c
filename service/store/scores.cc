#include "service/store/scores.h"

#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

// Of all of them: each score that is added writes them again.
constexpr size_t kMaxBytes = 256 << 10;

size_t BytesOf(const ScoreList& scores) {
  size_t bytes = 0;
  for (const v1::Score& score : scores) bytes += score.ByteSizeLong();
  return bytes;
}

bool IsOfSame(const v1::Score& a, const v1::Score& b) {
  return a.name() == b.name() && a.caller() == b.caller();
}

bool SaysSame(const v1::Score& a, const v1::Score& b) {
  return a.value_case() == b.value_case() && a.number() == b.number() && a.truth() == b.truth() &&
         a.word() == b.word() && a.note() == b.note();
}

// Null when there is none.
v1::Score* FindStanding(const v1::Score& score, ScoreList* scores) {
  for (v1::Score& said : *scores) {
    if (!said.corrected() && IsOfSame(said, score)) return &said;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<int> AddScores(const std::vector<v1::Score>& added, ScoreList* scores) {
  ScoreList all = *scores;
  for (const v1::Score& score : added) {
    v1::Score* const standing = FindStanding(score, &all);
    if (standing != nullptr && SaysSame(*standing, score)) continue;
    if (standing != nullptr) standing->set_corrected(true);
    v1::Score* const put = all.Add();
    *put = score;
    put->set_corrected(false);
  }
  if (all.size() > kMaxScores || BytesOf(all) > kMaxBytes) {
    return FailedPrecondition(
        "TOO_MANY_SCORES",
        fmt::format("the record has {} scores and would have {} with {} bytes; at most {} with {} "
                    "are kept of one, corrected ones too",
                    scores->size(), all.size(), BytesOf(all), kMaxScores, kMaxBytes));
  }
  const int count = all.size() - scores->size();
  scores->Swap(&all);
  return count;
}

bool AreMarkedWell(const ScoreList& scores) {
  std::set<std::pair<std::string, std::string>> later;  // By name and caller.
  for (int i = scores.size() - 1; i >= 0; --i) {
    const bool is_newest = later.emplace(scores[i].name(), scores[i].caller()).second;
    if (scores[i].corrected() == is_newest) return false;
  }
  return true;
}

}  // namespace colophon
