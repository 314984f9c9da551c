#include "client/cli/read/styled_text.h"

#include <algorithm>
#include <utility>

#include "client/cli/text.h"

namespace colophon {
namespace {

constexpr int kTabWidth = 4;

// Bytes of the first code point.
size_t SizeOfFirst(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
  return size;
}

// Puts what follows each other in one face together.
void Append(std::string_view text, Face face, std::vector<Piece>* pieces) {
  if (text.empty()) return;
  if (!pieces->empty() && pieces->back().face == face) {
    pieces->back().text += text;
  } else {
    pieces->push_back({std::string(text), face});
  }
}

class Wrapper {
 public:
  explicit Wrapper(int width) : width_(std::max(width, 2)) {}

  void Add(std::string_view text, Face face) {
    while (!text.empty()) {
      const size_t size = SizeOfFirst(text);
      const std::string_view character = text.substr(0, size);
      if (character == "\n") {
        EndWord();
        EndLine();
      } else if (character == "\t") {
        AddBlank(std::string(static_cast<size_t>(kTabWidth), ' '), face);
      } else if (character == " ") {
        AddBlank(character, face);
      } else {
        AddToWord(character, face);
      }
      text.remove_prefix(size);
    }
  }
  std::vector<Line> Take() {
    EndWord();
    if (!line_.empty() || lines_.empty()) EndLine();
    return std::move(lines_);
  }

 private:
  void AddToWord(std::string_view character, Face face) {
    const int columns = DisplayWidth(character);
    // No line would hold it: it is broken where it is.
    if (word_width_ + columns > width_) EndWord();
    Append(character, face, &word_);
    word_width_ += columns;
  }
  void AddBlank(std::string_view blank, Face face) {
    EndWord();
    Append(blank, face, &blank_);
    blank_width_ += static_cast<int>(blank.size());
  }
  // The blanks and the word go onto this line, or the word alone onto the next one.
  void EndWord() {
    if (word_.empty()) return;
    if (line_width_ + blank_width_ + word_width_ > width_ && line_width_ > 0) {
      EndLine();
    } else if (blank_width_ + word_width_ <= width_) {
      for (const Piece& piece : blank_) Append(piece.text, piece.face, &line_);
      line_width_ += blank_width_;
    }
    ForgetBlank();
    for (const Piece& piece : word_) Append(piece.text, piece.face, &line_);
    line_width_ += word_width_;
    word_.clear();
    word_width_ = 0;
  }
  void EndLine() {
    ForgetBlank();
    lines_.push_back(std::move(line_));
    line_.clear();
    line_width_ = 0;
  }
  void ForgetBlank() {
    blank_.clear();
    blank_width_ = 0;
  }

  const int width_;
  std::vector<Line> lines_;
  Line line_, blank_, word_;  // Whole so far; behind it; behind that.
  int line_width_ = 0, blank_width_ = 0, word_width_ = 0;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

std::vector<Line> Wrap(const std::vector<Piece>& pieces, int width) {
  Wrapper wrapper(width);
  for (const Piece& piece : pieces) wrapper.Add(piece.text, piece.face);
  return wrapper.Take();
}

std::vector<Piece> Mark(const std::vector<Piece>& pieces, std::string_view text) {
  if (text.empty()) return pieces;
  std::string all;
  for (const Piece& piece : pieces) all += piece.text;
  all = Lower(all);
  const std::string wanted = Lower(text);
  std::vector<Piece> marked;
  size_t begin = 0, found = all.find(wanted);
  for (const Piece& piece : pieces) {
    const size_t end = begin + piece.text.size();
    for (size_t at = begin; at < end;) {
      while (found != std::string::npos && found + wanted.size() <= at) {
        found = all.find(wanted, found + wanted.size());
      }
      const bool is_inside = found != std::string::npos && found <= at;
      const size_t next = std::min(end, is_inside ? found + wanted.size() : found);
      Append(std::string_view(piece.text).substr(at - begin, next - at),
             is_inside ? Face::kFound : piece.face, &marked);
      at = next;
    }
    begin = end;
  }
  return marked;
}

bool Contains(std::string_view text, std::string_view part) {
  return Lower(text).find(Lower(part)) != std::string::npos;
}

}  // namespace colophon
