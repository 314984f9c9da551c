#include "service/template/syntax/js_text.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "absl/strings/numbers.h"

namespace colophon::syntax {

size_t SpaceAt(std::string_view text, size_t i) {
  const auto at = [&](size_t k) {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
  };
  const unsigned first = at(i);
  if (first < 0x80) return i < text.size() && ((first >= 9 && first <= 13) || first == ' ') ? 1 : 0;
  const unsigned second = at(i + 1);
  const unsigned third = at(i + 2);
  switch (first) {
    case 0xc2:  // U+00A0
      return second == 0xa0 ? 2 : 0;
    case 0xe1:  // U+1680
      return second == 0x9a && third == 0x80 ? 3 : 0;
    case 0xe2:  // U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F
      if (second == 0x80) {
        return (third >= 0x80 && third <= 0x8a) || third == 0xa8 || third == 0xa9 || third == 0xaf
                   ? 3
                   : 0;
      }
      return second == 0x81 && third == 0x9f ? 3 : 0;
    case 0xe3:  // U+3000
      return second == 0x80 && third == 0x80 ? 3 : 0;
    case 0xef:  // U+FEFF
      return second == 0xbb && third == 0xbf ? 3 : 0;
    default:
      return 0;
  }
}

size_t LeadingSpace(std::string_view text) {
  size_t i = 0;
  while (const size_t length = SpaceAt(text, i)) i += length;
  return i;
}

size_t TrailingSpace(std::string_view text) {
  size_t end = text.size();
  while (end > 0) {
    size_t start = end - 1;
    while (start > 0 && end - start < 3 && IsContinuation(text[start])) --start;
    const size_t length = SpaceAt(text, start);
    if (length == 0 || start + length != end) break;
    end = start;
  }
  return text.size() - end;
}

std::string_view TrimSpace(std::string_view text) {
  text.remove_prefix(LeadingSpace(text));
  text.remove_suffix(TrailingSpace(text));
  return text;
}

size_t Utf16Length(std::string_view text) {
  size_t length = 0;
  for (const char c : text) {
    if (IsContinuation(c)) continue;
    length += static_cast<unsigned char>(c) >= 0xf0 ? 2 : 1;
  }
  return length;
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<std::string_view> Utf16CharacterAt(std::string_view text, uint32_t index) {
  uint32_t unit = 0;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    while (end < text.size() && IsContinuation(text[end])) ++end;
    const bool pair = static_cast<unsigned char>(text[i]) >= 0xf0;
    if (pair && (unit == index || unit + 1 == index)) return kReplacement;
    if (unit == index) return text.substr(i, end - i);
    unit += pair ? 2 : 1;
    i = end;
  }
  return std::nullopt;
}

double ToNumber(std::string_view text) {
  text = TrimSpace(text);
  if (text.empty()) return 0;
  if (text == "Infinity" || text == "+Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (text.find_first_not_of("0123456789+-.eE") != text.npos) return std::nan("");
  double number = 0;
  return absl::SimpleAtod(absl::string_view(text.data(), text.size()), &number) ? number
                                                                                : std::nan("");
}

}  // namespace colophon::syntax
