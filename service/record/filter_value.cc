#include "service/record/filter_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace colophon {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<absl::Duration> UnitOf(std::string_view name) {
  if (name == "us") return absl::Microseconds(1);
  if (name == "ms") return absl::Milliseconds(1);
  if (name == "s") return absl::Seconds(1);
  if (name == "m") return absl::Minutes(1);
  if (name == "h") return absl::Hours(1);
  if (name == "d") return absl::Hours(24);
  if (name == "w") return absl::Hours(7 * 24);
  return std::nullopt;
}

std::optional<absl::Time> ParseAs(const char* format, std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(format, std::string(text), &time, &error)) return std::nullopt;
  return time;
}

}  // namespace

std::optional<absl::Duration> ReadFilterDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  absl::Duration sum;
  while (!text.empty()) {
    const auto number_end =
        std::find_if_not(text.begin(), text.end(), [](char c) { return IsDigit(c) || c == '.'; });
    const auto unit_end = std::find_if(number_end, text.end(), IsDigit);
    const auto digits = static_cast<size_t>(number_end - text.begin());
    const auto number = ReadFilterNumber(text.substr(0, digits));
    const auto unit = UnitOf(text.substr(digits, static_cast<size_t>(unit_end - number_end)));
    if (!number || !unit) return std::nullopt;
    sum += *number * *unit;
    text.remove_prefix(static_cast<size_t>(unit_end - text.begin()));
  }
  return sum == absl::InfiniteDuration() ? std::nullopt : std::optional(sum);
}

std::optional<TimeSpan> ReadFilterTime(std::string_view text, absl::Time now) {
  constexpr size_t kDayBytes = std::string_view("2026-11-24").size();
  if (text.size() == kDayBytes) {
    if (const auto day = ParseAs("%Y-%m-%d", text)) return TimeSpan{*day, *day + absl::Hours(24)};
  }
  if (const auto ago = ReadFilterDuration(text)) return TimeSpan{now - *ago, now - *ago};
  for (const char* format : {absl::RFC3339_full, "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%dT%H:%M"}) {
    if (const auto time = ParseAs(format, text)) return TimeSpan{*time, *time};
  }
  return std::nullopt;
}

std::optional<double> ReadFilterNumber(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::string WordsOf(std::string_view text) {
  std::string words;
  words.reserve(text.size());
  bool is_after_space = false;
  for (const char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      is_after_space = !words.empty();
      continue;
    }
    if (is_after_space) words += ' ';
    is_after_space = false;
    words += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return words;
}

bool ContainsWords(std::string_view text, const std::string& words) {
  return WordsOf(text).find(words) != std::string::npos;
}

std::optional<bool> ReadFilterTruth(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

}  // namespace colophon
