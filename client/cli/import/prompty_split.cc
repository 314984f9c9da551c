#include "client/cli/import/prompty_split.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/js_text.h"

namespace colophon {

absl::StatusOr<SplitPrompty> Split(std::string_view text, const std::string& file) {
  const auto fail = [&](std::string_view why) {
    return InvalidArgument("BAD_IMPORT", fmt::format("{}: {}", file, why));
  };
  SplitPrompty split;
  const size_t start = syntax::LeadingSpace(text);
  const size_t first = text.find('\n', start);
  if (first == text.npos || syntax::TrimSpace(text.substr(start, first - start)) != "---") {
    split.body = text.substr(start);
    split.body_line = syntax::PositionAt(text, start).line;
    return split;
  }
  split.yaml_line = syntax::PositionAt(text, first + 1).line;
  for (size_t at = first + 1; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (syntax::TrimSpace(text.substr(at, end - at)) == "---") {
      split.yaml = text.substr(first + 1, at - first - 1);
      split.body = text.substr(std::min(end + 1, text.size()));
      const size_t space = syntax::LeadingSpace(split.body);
      split.body.remove_prefix(space);
      split.body_line = syntax::PositionAt(text, text.size() - split.body.size()).line;
      return split;
    }
    at = end + 1;
  }
  return fail("its front matter has no end: close it with a line ---");
}

}  // namespace colophon
