#include "service/provider/half_pairs.h"

#include <charconv>

namespace colophon {
namespace {

constexpr char32_t kFirstHalf = 0xd800;
constexpr char32_t kFirstLow = 0xdc00;
constexpr char32_t kLastHalf = 0xdfff;
constexpr char32_t kFirstMark = 0x10f800;
constexpr char32_t kReplacement = 0xfffd;
// Marks are the characters whose pairs begin with these.
constexpr char32_t kFirstHighOfMarks = 0xdbfe;
// All marks begin so in UTF-8, and no others but private ones.
constexpr std::string_view kMarkBytes = "\xf4\x8f";
constexpr size_t kMarkSize = 4;
constexpr size_t kEscapeSize = 6;  // \ud83d

void Append(char32_t c, std::string* text) {
  if (c < 0x10000) {
    *text += static_cast<char>(0xe0 | c >> 12);
  } else {
    *text += static_cast<char>(0xf0 | c >> 18);
    *text += static_cast<char>(0x80 | (c >> 12 & 0x3f));
  }
  *text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
  *text += static_cast<char>(0x80 | (c & 0x3f));
}

// The half that an escape at the beginning of `json` says; 0 when it is none.
char32_t HalfOf(std::string_view json) {
  if (json.size() < kEscapeSize || json[0] != '\\' || json[1] != 'u') return 0;
  uint32_t unit = 0;
  const char* const end = json.data() + kEscapeSize;
  const auto [rest, error] = std::from_chars(json.data() + 2, end, unit, 16);
  const bool is_half =
      error == std::errc() && rest == end && unit >= kFirstHalf && unit <= kLastHalf;
  return is_half ? unit : 0;
}

bool IsHigh(char32_t half) { return half >= kFirstHalf && half < kFirstLow; }
bool IsLow(char32_t half) { return half >= kFirstLow; }

// The half whose mark begins `text`; 0 when none does.
char32_t HalfOfMark(std::string_view text) {
  if (text.size() < kMarkSize || !text.starts_with(kMarkBytes)) return 0;
  const char32_t c = 0x10f000 | (text[2] & 0x3f) << 6 | (text[3] & 0x3f);
  return c < kFirstMark ? 0 : c - kFirstMark + kFirstHalf;
}

}  // namespace

std::optional<std::string> MarkHalves(std::string_view json) {
  if (json.find(kMarkBytes) != json.npos) return std::nullopt;
  std::string marked;
  bool has_half = false;
  for (size_t i = 0; i < json.size();) {
    const char32_t half = HalfOf(json.substr(i));
    if (half == 0) {
      // An escape is taken whole, so that "\\ud83d" is a backslash and letters.
      const size_t size = json[i] == '\\' && i + 1 < json.size() ? 2 : 1;
      marked += json.substr(i, size);
      i += size;
    } else if (IsHigh(half) && IsLow(HalfOf(json.substr(i + kEscapeSize)))) {
      if (half >= kFirstHighOfMarks) return std::nullopt;
      marked += json.substr(i, 2 * kEscapeSize);
      i += 2 * kEscapeSize;
    } else {
      has_half = true;
      Append(kFirstMark + (half - kFirstHalf), &marked);
      i += kEscapeSize;
    }
  }
  if (!has_half) return std::nullopt;
  return marked;
}

std::string HalfPairs::Join(const std::string& stream, std::string text) {
  const auto found = kept_.find(stream);
  if (found == kept_.end() && text.find(kMarkBytes) == text.npos) return text;
  char32_t high = 0;  // That waits for its low half.
  if (found != kept_.end()) {
    if (text.empty()) return text;
    high = found->second;
    kept_.erase(found);
  }
  std::string joined;
  for (size_t i = 0; i < text.size();) {
    const char32_t half = HalfOfMark(std::string_view(text).substr(i));
    if (high != 0 && IsLow(half)) {
      Append(0x10000 + ((high - kFirstHalf) << 10) + (half - kFirstLow), &joined);
      high = 0;
    } else {
      if (high != 0) Append(kReplacement, &joined);
      high = IsHigh(half) ? half : 0;
      if (IsLow(half)) Append(kReplacement, &joined);
    }
    if (half == 0) joined += text[i];
    i += half == 0 ? 1 : kMarkSize;
  }
  if (high != 0) kept_[stream] = high;
  return joined;
}

}  // namespace colophon
