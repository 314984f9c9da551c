#pragma once

// Half a surrogate pair. Servers that count in UTF-16 cut their pieces anywhere: an
// emoji comes as "\ud83d" at the end of one piece and "\ude00" at the beginning of
// the next, and neither is JSON that a parser of UTF-8 takes.
//
// A half is carried through the parser as a mark, one of U+10F800 to U+10FFFF, at the
// end of Unicode's private use, and put together with its other half by who reads the
// pieces.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace colophon {

// The JSON with every escaped half that stands alone as a mark. Nullopt when there is
// none, or when the text has a character of its own where marks are.
std::optional<std::string> MarkHalves(std::string_view json);

// Joins the halves in the pieces of one answer.
class HalfPairs {
 public:
  // The next piece of `stream` ("text", "arguments 1") without marks: a half at its
  // end is kept for the next piece, one that stays alone is U+FFFD, and one at the very
  // end of an answer is dropped.
  std::string Join(const std::string& stream, std::string text);

 private:
  std::map<std::string, char32_t> kept_;  // By stream: the high half at its end.
};

}  // namespace colophon
