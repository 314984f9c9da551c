#include "service/base/log_line.h"

#include <algorithm>
#include <iterator>

#include "fmt/format.h"

namespace colophon {
namespace {

// Longer values are cut: a line of the log is for people.
constexpr size_t kMaxValueBytes = 1024;

bool IsWord(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return c > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7f;
  });
}

}  // namespace

LogLine& LogLine::Add(std::string_view key, std::string_view value) & {
  if (!text_.empty()) text_ += ' ';
  text_.append(key) += '=';
  const bool cut = value.size() > kMaxValueBytes;
  value = value.substr(0, kMaxValueBytes);
  if (!cut && IsWord(value)) {
    text_ += value;
    return *this;
  }
  text_ += '"';
  for (unsigned char c : value) {
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += static_cast<char>(c);
    } else if (c == '\n') {
      text_ += "\\n";
    } else if (c < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(text_), "\\x{:02x}", c);
    } else {
      text_ += static_cast<char>(c);
    }
  }
  if (cut) text_ += "…";
  text_ += '"';
  return *this;
}

LogLine& LogLine::Add(std::string_view key, int64_t value) & {
  return Add(key, fmt::to_string(value));
}

LogLine& LogLine::AddMilliseconds(std::string_view key, double value) & {
  return Add(key, fmt::format("{:.1f}", value));
}

LogLine& LogLine::Append(const LogLine& other) & {
  if (!text_.empty() && !other.text_.empty()) text_ += ' ';
  text_ += other.text_;
  return *this;
}

}  // namespace colophon
