#include "client/cli/change_text.h"

#include <string_view>

#include "client/cli/text.h"
#include "fmt/format.h"

namespace colophon {
namespace {

void Add(std::string_view part, std::string* text) {
  if (!text->empty()) *text += ", ";
  *text += part;
}

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
  std::string text;
  const bool all = prompt.empty();
  for (const v1::PublishedVersion& version : change.versions()) {
    const std::string number =
        version.version() == 0 ? "a draft" : fmt::format("v{}", version.version());
    if (all) {
      Add(fmt::format("published {} {}", version.prompt(), number), &text);
    } else if (version.prompt() == prompt) {
      Add("published " + number, &text);
    }
  }
  for (const v1::LabelMove& move : change.label_moves()) {
    if (all) {
      Add(fmt::format("{} {}", move.prompt(), DescribeMove(move)), &text);
    } else if (move.prompt() == prompt) {
      Add(DescribeMove(move), &text);
    }
  }
  for (const std::string& archived : change.archived_prompts()) {
    if (all) {
      Add("archived " + archived, &text);
    } else if (archived == prompt) {
      Add("archived", &text);
    }
  }
  if (text.empty()) {
    for (const std::string& path : change.paths()) Add(path, &text);
  }
  return text;
}

}  // namespace colophon
