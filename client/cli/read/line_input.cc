#include "client/cli/read/line_input.h"

#include "client/cli/text.h"

namespace colophon {
namespace {

// One code point.
void RemoveLast(std::string* text) {
  while (!text->empty() && (static_cast<unsigned char>(text->back()) & 0xc0) == 0x80) {
    text->pop_back();
  }
  if (!text->empty()) text->pop_back();
}

void RemoveFirst(std::string* text) {
  size_t size = 1;
  while (size < text->size() && (static_cast<unsigned char>((*text)[size]) & 0xc0) == 0x80) ++size;
  text->erase(0, size);
}

}  // namespace

bool LineInput::Take(const Key& key) {
  switch (key.kind) {
    case Key::Kind::kText:
      *text_ += key.text;
      return false;
    case Key::Kind::kBackspace:
      RemoveLast(&*text_);
      return false;
    case Key::Kind::kClearLine:
      text_->clear();
      return false;
    case Key::Kind::kEnter:
      return true;
    case Key::Kind::kEscape:
      text_.reset();
      return true;
    default:
      return false;
  }
}

Line LineInput::Show(int width) const {
  std::string shown = Visible(text_.value_or(""));
  const int room = width - DisplayWidth(question_) - 1;
  while (!shown.empty() && DisplayWidth(shown) > room) RemoveFirst(&shown);
  return {{question_, Face::kBold}, {shown, Face::kPlain}};
}

}  // namespace colophon
