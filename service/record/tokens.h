#pragma once

// A text as what is compared when somebody looks for a part of it.

#include <cstdint>
#include <string_view>
#include <vector>

namespace colophon {

// A token of a text:
//
//   token  a word: letters, digits and their marks in a row; or one character of a script
//          that is written without blanks (Han, Kana, Hangul, Thai, Lao, Khmer, Burmese)
//
// in Unicode's form NFKC with full case folding. All else, as blanks, line ends, quotes,
// dashes and punctuation, only stands between tokens, and what can't be seen doesn't even
// that.
struct Token {
  uint64_t hash = 0;
  bool is_word = false;
  // Where it stands in the text, in bytes: [begin, end).
  uint32_t begin = 0;
  uint32_t end = 0;
};

// NOTE: hashes of tokens are stored, in terms (terms.h).
//
// Pure. Bytes that are not UTF-8 stand between tokens. Linear in the text.
std::vector<Token> Tokenize(std::string_view text);

// Of the Unicode whose tables it uses: another one may fold another character.
int UnicodeVersion();

}  // namespace colophon
