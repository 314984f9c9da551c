#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace colophon {

// One line of the log: key=value pairs, the value in quotes when it would not
// read as one word. Nothing in a value can begin a new pair or a new line.
class LogLine {
 public:
  LogLine() = default;
  // rpc=GetVersion
  LogLine(std::string_view key, std::string_view value) { Add(key, value); }

  LogLine& Add(std::string_view key, std::string_view value) &;
  LogLine& Add(std::string_view key, int64_t value) &;
  LogLine& AddMilliseconds(std::string_view key, double value) &;
  // The pairs of another.
  LogLine& Append(const LogLine& other) &;
  LogLine&& Add(std::string_view key, std::string_view value) && {
    return std::move(Add(key, value));
  }
  LogLine&& Add(std::string_view key, int64_t value) && { return std::move(Add(key, value)); }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace colophon
