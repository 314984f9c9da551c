#pragma once

// Text as JavaScript sees it: what the format's rules call white space and
// length is what the reference runtime's language calls so.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace colophon::syntax {

// Bytes of the white space character (JavaScript's \s) that begins at `i`; 0
// when there is none.
size_t SpaceAt(std::string_view text, size_t i);

// Bytes of the white space at the beginning, at the end.
size_t LeadingSpace(std::string_view text);
size_t TrailingSpace(std::string_view text);

std::string_view TrimSpace(std::string_view text);
inline bool IsBlank(std::string_view text) { return LeadingSpace(text) == text.size(); }

// A byte of UTF-8 that begins no character.
inline bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// String.length: UTF-16 code units of well-formed UTF-8.
size_t Utf16Length(std::string_view text);
// U+FFFD, which stands for what UTF-8 can't tell: half of a pair of surrogates.
inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";
// text[index], which counts the same units. Half of a pair is kReplacement.
std::optional<std::string_view> Utf16CharacterAt(std::string_view text, uint32_t index);

// Number(text): NaN when it is none.
double ToNumber(std::string_view text);

// True for [A-Za-z0-9_], JavaScript's \w.
bool IsWordCharacter(char c);

}  // namespace colophon::syntax
