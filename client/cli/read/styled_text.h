#pragma once

// Text in faces, broken into lines of a screen. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace colophon {

enum class Face { kPlain, kBold, kDim, kHeading, kVariable, kFound, kGood, kBad };

// A piece of text in one face. Line ends and tabs are its only control characters.
struct Piece {
  std::string text;
  Face face = Face::kPlain;

  friend bool operator==(const Piece&, const Piece&) = default;
};
using Line = std::vector<Piece>;

// Lines of at most `width` columns: broken at line ends, before a word that doesn't fit,
// and within one that no line would hold. What is broken ends without its blank.
std::vector<Line> Wrap(const std::vector<Piece>& pieces, int width);

// The pieces with every place of `text` in the face kFound, whatever its case as far as
// ASCII goes; also where it goes on from one piece into the next.
std::vector<Piece> Mark(const std::vector<Piece>& pieces, std::string_view text);

// Whether `text` holds `part`, by the same rule.
bool Contains(std::string_view text, std::string_view part);

}  // namespace colophon
