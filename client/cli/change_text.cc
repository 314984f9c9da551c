#include "client/cli/change_text.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "client/cli/text.h"
#include "fmt/format.h"

namespace colophon {
namespace {

// So many of what a change did are told in a line.
constexpr int kMostTold = 10;

// Parts of a line, and how many there were beyond those told.
class Line {
 public:
  void Add(std::string_view part) {
    if (++count_ > kMostTold) return;
    if (!text_.empty()) text_ += ", ";
    text_ += part;
  }
  void AddUntold(int64_t count) { count_ += count; }
  bool empty() const { return count_ == 0; }

  std::string text() && {
    if (count_ > kMostTold) text_ += fmt::format(" and {} more", count_ - kMostTold);
    return std::move(text_);
  }

 private:
  std::string text_;
  int64_t count_ = 0;
};

}  // namespace

std::string DescribeMove(const v1::LabelMove& move) {
  const std::string to = FormatTargets(move.targets());
  if (move.previous().targets().empty()) return fmt::format("{}: {}", move.label(), to);
  if (move.targets().targets().empty()) {
    return fmt::format("{}: {} removed", move.label(), FormatTargets(move.previous()));
  }
  return fmt::format("{}: {} → {}", move.label(), FormatTargets(move.previous()), to);
}

std::string DescribeChange(const v1::Change& change, const std::string& prompt) {
  Line line;
  const bool all = prompt.empty();
  for (const v1::PublishedVersion& version : change.versions()) {
    const std::string number =
        version.version() == 0 ? "a draft" : fmt::format("v{}", version.version());
    if (all) {
      // Once, for all that follow.
      line.Add(fmt::format("{}{} {}", line.empty() ? "published " : "", version.prompt(), number));
    } else if (version.prompt() == prompt) {
      line.Add("published " + number);
    }
  }
  for (const v1::LabelMove& move : change.label_moves()) {
    if (all) {
      line.Add(fmt::format("{} {}", move.prompt(), DescribeMove(move)));
    } else if (move.prompt() == prompt) {
      line.Add(DescribeMove(move));
    }
  }
  for (const std::string& archived : change.archived_prompts()) {
    if (all) {
      line.Add("archived " + archived);
    } else if (archived == prompt) {
      line.Add("archived");
    }
  }
  if (all) line.AddUntold(UntoldVersions(change));
  if (line.empty()) {
    for (const std::string& path : change.paths()) line.Add(path);
  }
  return std::move(line).text();
}

int64_t UntoldVersions(const v1::Change& change) {
  return std::max(0, change.version_count() - change.versions_size());
}

}  // namespace colophon
