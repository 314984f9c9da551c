#include "client/cli/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

struct CodePoint {
  uint32_t value = 0;
  size_t size = 0;  // In bytes; 0 when it is not UTF-8.
};

CodePoint Decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  uint32_t value = first & (0xff >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, size};
}

bool IsIn(uint32_t value, const std::vector<std::pair<uint32_t, uint32_t>>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [value](const auto& range) {
    return value >= range.first && value <= range.second;
  });
}

// What has no glyph but an effect: C0, DEL, C1, marks of direction, line and
// paragraph separators, tags.
bool IsControl(uint32_t value) {
  static const std::vector<std::pair<uint32_t, uint32_t>> kRanges = {
      {0x00, 0x08},     {0x0b, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c},  {0x200e, 0x200f},
      {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f}};
  return IsIn(value, kRanges);
}

int WidthOf(uint32_t value) {
  static const std::vector<std::pair<uint32_t, uint32_t>> kNone = {
      {0x0300, 0x036f}, {0x200b, 0x200d}, {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
  static const std::vector<std::pair<uint32_t, uint32_t>> kTwo = {
      {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xac00, 0xd7a3},
      {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6},
      {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
  if (value < 0x300) return 1;
  if (IsIn(value, kNone)) return 0;
  return IsIn(value, kTwo) ? 2 : 1;
}

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, 1, ',');
  return digits;
}

}  // namespace

std::string Visible(std::string_view text) {
  std::string visible;
  while (!text.empty()) {
    const CodePoint point = Decode(text);
    const size_t size = std::max<size_t>(point.size, 1);
    if (point.size == 0 || (IsControl(point.value) && point.value < 0x80)) {
      visible += fmt::format("\\x{:02x}", static_cast<uint8_t>(text[0]));
    } else if (IsControl(point.value)) {
      visible += fmt::format("\\u{{{:x}}}", point.value);
    } else {
      visible += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return visible;
}

std::string FirstLine(std::string_view text) {
  const size_t end = text.find_last_not_of("\r\n \t");
  text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const size_t newline = text.find('\n');
  std::string line(text.substr(0, newline));
  std::replace(line.begin(), line.end(), '\t', ' ');
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (newline != std::string_view::npos) line += " …";
  return line;
}

std::string FoldWhiteSpace(std::string_view text) {
  std::string line(text);
  absl::RemoveExtraAsciiWhitespace(&line);
  std::replace_if(line.begin(), line.end(), absl::ascii_isspace, ' ');
  return line;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const CodePoint point = Decode(text);
    width += point.size == 0 ? 1 : WidthOf(point.value);
    text.remove_prefix(std::max<size_t>(point.size, 1));
  }
  return width;
}

std::string Truncate(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  int used = 0;
  size_t end = 0;
  while (end < text.size()) {
    const CodePoint point = Decode(text.substr(end));
    const int next = point.size == 0 ? 1 : WidthOf(point.value);
    if (used + next > width - 1) break;
    used += next;
    end += std::max<size_t>(point.size, 1);
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string FormatTargets(const v1::LabelTargets& targets) {
  if (targets.targets().empty()) return "none";
  if (targets.targets_size() == 1) return fmt::format("v{}", targets.targets(0).version());
  std::string text;
  for (const v1::LabelTarget& target : targets.targets()) {
    text += fmt::format("{}v{}={}", text.empty() ? "" : " ", target.version(), target.weight());
  }
  return text;
}

std::string ShortCommit(std::string_view commit) { return std::string(commit.substr(0, 8)); }

std::string FormatStatus(v1::RecordStatus status) {
  std::string name = v1::RecordStatus_Name(status).substr(sizeof("RECORD_STATUS_") - 1);
  std::replace(name.begin(), name.end(), '_', ' ');
  for (char& c : name) c = static_cast<char>(std::tolower(c));
  return name;
}

std::string FormatViolations(const google::protobuf::RepeatedPtrField<v1::Violation>& violations) {
  std::string text;
  for (const v1::Violation& violation : violations) {
    if (!text.empty()) text += "; ";
    if (!violation.pointer().empty()) text += violation.pointer() + ": ";
    text += violation.message();
  }
  return text;
}

std::string FormatUsage(const v1::Usage& usage) {
  std::string text;
  if (usage.has_input_tokens()) text = Grouped(usage.input_tokens()) + " in";
  if (usage.has_cached_input_tokens() && usage.cached_input_tokens() > 0) {
    text += fmt::format(" ({} cached)", Grouped(usage.cached_input_tokens()));
  }
  if (usage.has_output_tokens()) {
    text += fmt::format("{}{} out", text.empty() ? "" : ", ", Grouped(usage.output_tokens()));
  }
  if (usage.has_reasoning_tokens() && usage.reasoning_tokens() > 0) {
    text += fmt::format(" ({} reasoning)", Grouped(usage.reasoning_tokens()));
  }
  return text;
}

std::string FormatLatency(absl::Duration latency) {
  const double seconds = absl::ToDoubleSeconds(latency);
  return seconds < 1 ? fmt::format("{:.3g} ms", seconds * 1000) : fmt::format("{:.1f} s", seconds);
}

std::string Count(int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", Grouped(count), count == 1 ? one : many);
}

}  // namespace colophon
