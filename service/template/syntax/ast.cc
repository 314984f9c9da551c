#include "service/template/syntax/ast.h"

#include <charconv>
#include <cstdlib>
#include <utility>

#include "service/base/json.h"
#include "service/template/syntax/js_text.h"

namespace colophon::syntax {

std::string SegmentText(std::string_view token) {
  if (!token.starts_with('[')) return std::string(token);
  std::string text;
  for (size_t i = 0; i < token.size(); ++i) {
    const bool escapes =
        token[i] == '\\' && i + 1 < token.size() && (token[i + 1] == '\\' || token[i + 1] == ']');
    text += token[escapes ? ++i : i];
  }
  // Handlebars.js keeps the brackets around a line break.
  if (text.find_first_of("\r\n") != text.npos) return text;
  return text.substr(1, text.size() - 2);
}

Segment MakeSegment(std::string name) {
  Segment segment;
  segment.index = IndexOf(name);
  segment.name = std::move(name);
  return segment;
}

uint32_t IndexOf(std::string_view key) {
  constexpr size_t kMostDigits = 10;
  if (key.empty() || key.size() > kMostDigits || key[0] < '0' || key[0] > '9') {
    return Segment::kNoIndex;
  }
  // Only "0" and what has no leading zero is an array's index.
  if (key[0] == '0' && key.size() > 1) return Segment::kNoIndex;
  uint32_t index = 0;
  const char* const end = key.data() + key.size();
  const auto read = std::from_chars(key.data(), end, index);
  return read.ec == std::errc() && read.ptr == end ? index : Segment::kNoIndex;
}

// /^\.|this\b/, whatever stands before "this".
bool IsScoped(std::string_view original) {
  if (original.starts_with('.')) return true;
  for (size_t at = original.find("this"); at != original.npos; at = original.find("this", at + 1)) {
    if (at + 4 == original.size() || !IsWordCharacter(original[at + 4])) return true;
  }
  return false;
}

double NumberOf(std::string_view literal) {
  return std::strtod(std::string(literal).c_str(), nullptr);
}

std::string StringOf(std::string_view token) {
  const char quote = token.front();
  const std::string_view inside = token.substr(1, token.size() - 2);
  std::string text;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && i + 1 < inside.size() && inside[i + 1] == quote) ++i;
    text += inside[i];
  }
  return text;
}

Path LiteralPath(bool is_string, bool is_number, std::string_view token) {
  Path path;
  path.original = is_string   ? StringOf(token)
                  : is_number ? FormatNumber(NumberOf(token))
                              : std::string(token);
  path.parts.push_back(MakeSegment(path.original));
  path.scoped = IsScoped(path.original);
  return path;
}

}  // namespace colophon::syntax
