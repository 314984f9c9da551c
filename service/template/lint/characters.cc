#include "service/template/lint/characters.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "fmt/format.h"
#include "service/template/lint/position_cursor.h"
#include "service/template/lint/warning_limit.h"

namespace colophon::lint {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

template <size_t kCount>
bool IsIn(const Range (&ranges)[kCount], uint32_t point) {
  return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& range) {
    return point >= range.first && point <= range.last;
  });
}

// Scripts that join their letters, or break words, with U+200B to U+200D:
// Arabic to Syriac, N'Ko and Mandaic; the Brahmic scripts from Devanagari to
// Myanmar, Khmer and Mongolian; their presentation forms and extensions.
constexpr Range kJoiningScripts[] = {{0x0600, 0x08ff},   {0x0900, 0x109f},  {0x1780, 0x18af},
                                     {0x1980, 0x1aaf},   {0x1b00, 0x1c4f},  {0xa800, 0xabff},
                                     {0xfb50, 0xfdff},   {0xfe70, 0xfefc},  {0x10a00, 0x10eff},
                                     {0x11000, 0x11fff}, {0x1e900, 0x1e95f}};

// What stands on both sides of the joiner in an emoji such as a family: pictures,
// signs, U+FE0F and skin tones.
constexpr Range kEmoji[] = {{0x2190, 0x2bff}, {0xfe0f, 0xfe0f}, {0x1f000, 0x1faff}};

constexpr Range kRightToLeft[] = {{0x0590, 0x061b}, {0x061d, 0x08ff},   {0xfb1d, 0xfdff},
                                  {0xfe70, 0xfefc}, {0x10800, 0x10fff}, {0x1e800, 0x1efff}};

constexpr std::pair<uint32_t, std::string_view> kInvisible[] = {
    {0x00ad, "SOFT HYPHEN"},           {0x200b, "ZERO WIDTH SPACE"},
    {0x200c, "ZERO WIDTH NON-JOINER"}, {0x200d, "ZERO WIDTH JOINER"},
    {0x2060, "WORD JOINER"},           {0x2061, "FUNCTION APPLICATION"},
    {0x2062, "INVISIBLE TIMES"},       {0x2063, "INVISIBLE SEPARATOR"},
    {0x2064, "INVISIBLE PLUS"},        {0xfeff, "ZERO WIDTH NO-BREAK SPACE"},
};

constexpr std::pair<uint32_t, std::string_view> kBidi[] = {
    {0x061c, "ARABIC LETTER MARK"},      {0x200e, "LEFT-TO-RIGHT MARK"},
    {0x200f, "RIGHT-TO-LEFT MARK"},      {0x202a, "LEFT-TO-RIGHT EMBEDDING"},
    {0x202b, "RIGHT-TO-LEFT EMBEDDING"}, {0x202c, "POP DIRECTIONAL FORMATTING"},
    {0x202d, "LEFT-TO-RIGHT OVERRIDE"},  {0x202e, "RIGHT-TO-LEFT OVERRIDE"},
    {0x2066, "LEFT-TO-RIGHT ISOLATE"},   {0x2067, "RIGHT-TO-LEFT ISOLATE"},
    {0x2068, "FIRST STRONG ISOLATE"},    {0x2069, "POP DIRECTIONAL ISOLATE"},
};

bool IsTag(uint32_t point) { return point >= 0xe0000 && point <= 0xe007f; }

bool IsControl(uint32_t point) {
  return (point < 0x20 && point != '\t' && point != '\n' && point != '\r') ||
         (point >= 0x7f && point <= 0x9f);
}

// A tag character is ASCII, moved up by U+E0000 and out of sight.
std::string TagName(uint32_t point) {
  static constexpr std::string_view kDigits[] = {"ZERO", "ONE", "TWO",   "THREE", "FOUR",
                                                 "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"};
  const auto c = static_cast<char>(point - 0xe0000);
  if (c == 0x01) return "LANGUAGE TAG";
  if (c == 0x7f) return "CANCEL TAG";
  if (c == ' ') return "TAG SPACE";
  if (c >= '0' && c <= '9') return fmt::format("TAG DIGIT {}", kDigits[c - '0']);
  if (c >= 'A' && c <= 'Z') return fmt::format("TAG LATIN CAPITAL LETTER {}", c);
  if (c >= 'a' && c <= 'z') {
    return fmt::format("TAG LATIN SMALL LETTER {}", static_cast<char>(c - 'a' + 'A'));
  }
  return "a tag character";
}

// Empty: it is no invisible character.
std::string InvisibleName(uint32_t point) {
  for (const auto& [invisible, name] : kInvisible) {
    if (invisible == point) return std::string(name);
  }
  if (IsTag(point)) return TagName(point);
  return IsControl(point) ? "a control character" : "";
}

std::string_view BidiName(uint32_t point) {
  for (const auto& [bidi, name] : kBidi) {
    if (bidi == point) return name;
  }
  return "";
}

struct Character {
  uint32_t point = 0;
  size_t length = 0;  // 0: the text has ended.
};

// Of well-formed UTF-8.
Character CharacterAt(std::string_view text, size_t i) {
  if (i >= text.size()) return {};
  const auto first = static_cast<unsigned char>(text[i]);
  if (first < 0x80) return {first, 1};
  const size_t length = std::min<size_t>(first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4, text.size() - i);
  uint32_t point = first & (0x7fu >> length);
  for (size_t k = 1; k < length; ++k) {
    point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3fu);
  }
  return {point, length};
}

class CharacterLint {
 public:
  CharacterLint(std::string_view text, DiagnosticSink* sink)
      : text_(text), cursor_(text, {1, 1}), sink_(sink) {}

  void Run() {
    uint32_t previous = 0;
    size_t at = 0;
    while (at < text_.size() && told_ < kMostOfAKind) {
      const Character character = CharacterAt(text_, at);
      size_t length = character.length;
      if (character.point < 0x20 || character.point >= 0x7f) {
        if (const size_t flag = FlagLength(at, character)) {
          length = flag;
        } else if (!BidiName(character.point).empty()) {
          CheckBidi(at, character.point);
        } else if (!InvisibleName(character.point).empty() &&
                   !MayJoin(previous, character, CharacterAt(text_, at + length).point)) {
          length = TellInvisible(at);
        }
      }
      previous = character.point;
      at += length;
    }
  }

 private:
  // The flags of England, Scotland and Wales: a black flag, a few tag letters
  // and the end. Bytes; 0: there is none here.
  size_t FlagLength(size_t at, const Character& flag) const {
    constexpr int kMostLetters = 6;
    if (flag.point != 0x1f3f4) return 0;
    size_t length = flag.length;
    for (int letters = 0; letters <= kMostLetters; ++letters) {
      const Character tag = CharacterAt(text_, at + length);
      length += tag.length;
      if (tag.point == 0xe007f) return letters > 0 ? length : 0;
      const auto c = static_cast<char>(tag.point - 0xe0000);
      if (!IsTag(tag.point) || !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) return 0;
    }
    return 0;
  }

  // Scripts and emoji that need it.
  static bool MayJoin(uint32_t previous, const Character& character, uint32_t next) {
    if (character.point < 0x200b || character.point > 0x200d) return false;
    if (IsIn(kJoiningScripts, previous) || IsIn(kJoiningScripts, next)) return true;
    return character.point == 0x200d && IsIn(kEmoji, previous) && IsIn(kEmoji, next);
  }

  // Tells of all that stand in a row at once. Their bytes.
  size_t TellInvisible(size_t at) {
    const uint32_t first = CharacterAt(text_, at).point;
    size_t length = 0;
    int count = 0;
    std::string hidden;
    for (;;) {
      const Character character = CharacterAt(text_, at + length);
      if (character.length == 0 || InvisibleName(character.point).empty()) break;
      if (IsTag(character.point)) hidden += static_cast<char>(character.point - 0xe0000);
      length += character.length;
      ++count;
    }
    std::string message = fmt::format("U+{:04X}, {}, stands here", first, InvisibleName(first));
    if (count > 1) message += fmt::format(", the first of {} such characters in a row", count);
    message += ": nobody sees it and the model reads it";
    if (!hidden.empty()) message += fmt::format(" as {}", Quote(hidden));
    Tell(at, "INVISIBLE_CHARACTER", message + "; remove it");
    return length;
  }

  void CheckBidi(size_t at, uint32_t point) {
    // Marks are how right-to-left text is written next to other text.
    const bool is_mark = point == 0x061c || point == 0x200e || point == 0x200f;
    if (is_mark && LineIsRightToLeft(at)) return;
    Tell(at, "BIDI_CHARACTER",
         fmt::format("U+{:04X}, {}, stands here: it changes the order in which the text around it "
                     "is shown, not the one the model reads it in; remove it",
                     point, BidiName(point)));
  }

  // True when the line of `at` has a letter of a right-to-left script.
  bool LineIsRightToLeft(size_t at) {
    if (at < line_end_) return line_is_right_to_left_;
    size_t begin = at;
    while (begin > 0 && text_[begin - 1] != '\n') --begin;
    line_end_ = std::min(text_.find('\n', at), text_.size() - 1) + 1;
    line_is_right_to_left_ = false;
    for (size_t i = begin; i < line_end_ && !line_is_right_to_left_;) {
      const Character character = CharacterAt(text_, i);
      line_is_right_to_left_ = IsIn(kRightToLeft, character.point);
      i += character.length;
    }
    return line_is_right_to_left_;
  }

  void Tell(size_t at, std::string_view code, const std::string& message) {
    sink_->Warning(cursor_.At(at), code, message);
    ++told_;
  }

  const std::string_view text_;
  PositionCursor cursor_;
  DiagnosticSink* const sink_;
  int told_ = 0;
  // Of the line that LineIsRightToLeft looked at last.
  size_t line_end_ = 0;
  bool line_is_right_to_left_ = false;
};

}  // namespace

void LintCharacters(std::string_view text, DiagnosticSink* sink) {
  CharacterLint(text, sink).Run();
}

}  // namespace colophon::lint
