#include "client/cli/import/names.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/percent.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

constexpr size_t kMaxPath = 255;
constexpr size_t kMaxSegments = 16;
constexpr size_t kMaxLabel = 36;

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// [a-z0-9][a-z0-9_.-]*, no "..", no "." or ".lock" at the end; empty when
// nothing is left of it.
std::string SegmentOf(std::string_view text) {
  std::string segment;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool allowed = IsNameStart(c) || c == '_' || c == '.' || c == '-';
    if (!allowed) c = '-';
    const bool doubled = !segment.empty() && ((c == '.' && segment.back() == '.') ||
                                              (!allowed && segment.back() == '-'));
    if (!doubled && (!segment.empty() || IsNameStart(c))) segment += c;
  }
  for (size_t cut = 1; cut > 0; segment.resize(segment.size() - cut)) {
    const bool at_end = segment.ends_with('.') || segment.ends_with('-');
    cut = at_end ? 1 : segment.ends_with(".prompt") ? 7 : segment.ends_with(".lock") ? 5 : 0;
  }
  return segment;
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

absl::Status BadName(std::string_view name, std::string_view why) {
  return InvalidArgument(
      "BAD_NAME",
      fmt::format("the name {} {}: give another one with --rename OLD=NEW", Quote(name), why));
}

}  // namespace

absl::StatusOr<std::string> PromptPathOf(std::string_view name, const ImportOptions& options) {
  std::string_view rest = name;
  const auto renamed = options.renames.find(std::string(name));
  if (renamed != options.renames.end()) rest = renamed->second;
  const std::string whole =
      options.prefix.empty() ? std::string(rest) : fmt::format("{}/{}", options.prefix, rest);
  // Exports write names as URLs do: "support%2Ftriage". What isn't UTF-8 then stays.
  std::string decoded = PercentDecoded(whole);
  if (!IsUtf8(decoded)) decoded = whole;
  rest = decoded;
  std::string path;
  size_t segments = 0;
  for (;;) {
    const size_t slash = rest.find('/');
    const std::string segment = SegmentOf(rest.substr(0, slash));
    if (segment.empty()) return BadName(name, "has a part without a letter a-z or a digit");
    path += (path.empty() ? "" : "/") + segment;
    ++segments;
    if (slash == rest.npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (path.size() > kMaxPath || segments > kMaxSegments) {
    return BadName(name, fmt::format("has {} bytes in {} parts, at most {} in {} are allowed",
                                     path.size(), segments, kMaxPath, kMaxSegments));
  }
  return path;
}

absl::StatusOr<std::string> LabelOf(std::string_view name) {
  const std::string label = SegmentOf(name);
  const bool version =
      label.size() > 1 && label[0] == 'v' && std::all_of(label.begin() + 1, label.end(), IsDigit);
  const bool commit = label.size() >= 7 && std::all_of(label.begin(), label.end(), IsHexDigit);
  if (label.empty() || label.size() > kMaxLabel || label == "latest" || version || commit) {
    return InvalidArgument(
        "BAD_LABEL",
        fmt::format("the label {} can't be one here: at most {} of a-z, 0-9, _, . and -, neither "
                    "\"v\" and digits nor 7 or more hex digits",
                    Quote(name), kMaxLabel));
  }
  return label;
}

absl::Status CheckCollisions(const ImportResult& result) {
  std::map<std::string, std::string> sources;
  for (const ImportedPrompt& prompt : result.prompts) {
    const auto [first, added] = sources.emplace(prompt.path, prompt.source);
    if (added) continue;
    return InvalidArgument(
        "NAME_COLLISION",
        fmt::format("{} and {} would both be {}: give one of them another name with --rename "
                    "OLD=NEW",
                    Quote(first->second), Quote(prompt.source), prompt.path));
  }
  return absl::OkStatus();
}

}  // namespace colophon
