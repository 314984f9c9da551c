#pragma once

#include <cstdint>
#include <vector>

#include "service/record/tokens.h"

namespace colophon {

// Fingerprints of a text: hashes of a few of its grams, so chosen that a part of the text
// chooses the same ones of its own ("winnowing", Schleimer, Wilkerson and Aiken 2003).
//
//   gram         4 words in a row, or 8 tokens in a row of which one at least is no word
//   window       5 grams of words in a row, or 17 of the other kind
//   fingerprint  of each window the gram with the least hash
//
// Whatever holds 8 words in a row, or 24 tokens of any mixture, has a whole window, and
// so a fingerprint; and each of its fingerprints is one of every text that holds it.
// NOTE: they are stored, in terms (terms.h).
//
// Pure. Each once, sorted.
std::vector<uint64_t> Fingerprints(const std::vector<Token>& tokens);

// Where `part` stands in `text`, token by token: the first place, as [begin, end) of text's
// tokens. Both npos when it doesn't.
struct TokenRange {
  static constexpr size_t npos = static_cast<size_t>(-1);
  size_t begin = npos;
  size_t end = npos;
};
TokenRange FindTokens(const std::vector<Token>& text, const std::vector<Token>& part);

}  // namespace colophon
