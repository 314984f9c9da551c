#include "service/template/syntax/lexer.h"

#include "service/template/syntax/js_text.h"

namespace colophon::syntax {
namespace {

// Handlebars' ID: anything but white space and !"#%&'()*+,./;<=>@[\]^`{|}~
bool IsIdByte(char c) {
  constexpr std::string_view kNot = "!\"#%&'()*+,./;<=>@[\\]^`{|}~";
  return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && kNot.find(c) == kNot.npos;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Token Lexer::Next() {
  switch (states_.back()) {
    case State::kContent:
      return NextContent();
    case State::kEscaped:
      return NextEscaped();
    case State::kRaw:
      return NextRaw();
    case State::kMustache:
      return NextMustache();
  }
  return {};
}

void Lexer::Advance(size_t length) {
  const std::string_view taken = text_.substr(at_, length);
  position_ = PositionAt(taken, taken.size(), position_);
  // A "\r\n" that two tokens share ends one line, not two.
  if (!taken.empty() && taken.back() == '\r' && CharAt(at_ + length) == '\n') {
    --position_.line;
  }
  at_ += length;
}

Token Lexer::Take(TokenKind kind, size_t length) {
  Token token{kind, text_.substr(at_, length), position_};
  Advance(length);
  return token;
}

Token Lexer::TakeAndPop(TokenKind kind, size_t length) {
  states_.pop_back();
  return Take(kind, length);
}

size_t Lexer::SkipSpace(size_t i) const {
  while (const size_t length = SpaceAt(text_, i)) i += length;
  return i;
}

bool Lexer::EndsLiteral(size_t i) const {
  const char c = CharAt(i);
  return c == '~' || c == '}' || c == ')' || SpaceAt(text_, i) > 0;
}

bool Lexer::EndsId(size_t i) const {
  const char c = CharAt(i);
  return EndsLiteral(i) || c == '=' || c == '/' || c == '.' || c == '|';
}

Token Lexer::NextContent() {
  if (at_ == text_.size()) return Take(TokenKind::kEnd, 0);
  const size_t open = text_.find("{{", at_);
  if (open == text_.npos) return Take(TokenKind::kContent, text_.size() - at_);
  const std::string_view content = text_.substr(at_, open - at_);
  size_t backslashes = 0;
  if (content.ends_with("\\\\")) {
    backslashes = 1;  // \\{{x}} is a backslash and the value.
    states_.push_back(State::kMustache);
  } else if (content.ends_with("\\")) {
    backslashes = 1;  // \{{x}} is text.
    states_.push_back(State::kEscaped);
  } else {
    states_.push_back(State::kMustache);
  }
  Token token = Take(TokenKind::kContent, content.size());
  token.text.remove_suffix(backslashes);
  return token.text.empty() ? Next() : token;
}

// From an escaped "{{" to the next one, escaped or not.
Token Lexer::NextEscaped() {
  size_t end = text_.find("{{", at_ + 2);
  if (end == text_.npos) {
    end = text_.size();
  } else {
    for (int i = 0; i < 2 && end > at_ + 2 && text_[end - 1] == '\\'; ++i) --end;
  }
  return TakeAndPop(TokenKind::kContent, end - at_);
}

Token Lexer::NextRaw() {
  if (At(at_, "{{{{") && at_ + 4 < text_.size() && text_[at_ + 4] != '/') {
    states_.push_back(State::kRaw);
    return Take(TokenKind::kContent, 4);
  }
  if (At(at_, "{{{{/")) {
    size_t end = at_ + 5;
    while (end < text_.size() && IsIdByte(text_[end]) && SpaceAt(text_, end) == 0) ++end;
    if (end > at_ + 5 && At(end, "}}}}")) {
      const size_t length = end + 4 - at_;
      Token token = TakeAndPop(TokenKind::kEndRawBlock, length);
      if (states_.back() == State::kRaw) {
        token.kind = TokenKind::kContent;
      } else {
        token.text = token.text.substr(5, length - 9);
      }
      return token;
    }
  }
  const size_t next = at_ < text_.size() ? text_.find("{{{{", at_ + 1) : text_.npos;
  if (next == text_.npos) return {TokenKind::kUnclosedRawBlock, text_.substr(at_), position_};
  return Take(TokenKind::kContent, next - at_);
}

Token Lexer::NextMustache() {
  const bool after_separator = after_separator_;
  after_separator_ = false;
  const size_t space = SkipSpace(at_) - at_;
  // White space separates; "{{" tokens may begin after it.
  if (space > 0) Advance(space);
  if (at_ == text_.size()) return Take(TokenKind::kEnd, 0);
  const char c = text_[at_];
  switch (c) {
    case '(':
      return Take(TokenKind::kOpenSexpr, 1);
    case ')':
      return Take(TokenKind::kCloseSexpr, 1);
    case '{': {
      Token token = NextOpen();
      return token.kind == TokenKind::kInvalid ? Take(TokenKind::kInvalid, 1) : token;
    }
    case '}':
      if (At(at_, "}}}}")) {
        states_.back() = State::kRaw;
        return Take(TokenKind::kCloseRawBlock, 4);
      }
      if (At(at_, "}~}}")) return TakeAndPop(TokenKind::kCloseUnescaped, 4);
      if (At(at_, "}}}")) return TakeAndPop(TokenKind::kCloseUnescaped, 3);
      if (At(at_, "}}")) return TakeAndPop(TokenKind::kClose, 2);
      return Take(TokenKind::kInvalid, 1);
    case '~':
      if (At(at_, "~}}")) return TakeAndPop(TokenKind::kClose, 3);
      return Take(TokenKind::kInvalid, 1);
    case '=':
      return Take(TokenKind::kEquals, 1);
    case '.':
      if (At(at_, "..")) return Take(TokenKind::kId, 2);
      if (EndsId(at_ + 1)) return Take(TokenKind::kId, 1);
      [[fallthrough]];
    case '/':
      after_separator_ = true;
      return Take(TokenKind::kSep, 1);
    case '"':
    case '\'':
      return NextQuoted(c);
    case '@':
      return Take(TokenKind::kData, 1);
    case '|':
      return Take(TokenKind::kCloseBlockParams, 1);
    case '[':
      return NextBracketed();
    default:
      break;
  }
  // In Handlebars.js a literal can't follow a separator, so {{a.0}} is an error
  // there; here it is the path that it looks like.
  if (after_separator) {
    size_t end = at_;
    while (end < text_.size() && IsIdByte(text_[end]) && SpaceAt(text_, end) == 0) ++end;
    if (end > at_ && EndsId(end)) return Take(TokenKind::kId, end - at_);
  }
  return NextWord();
}

Token Lexer::NextOpen() {
  if (At(at_, "{{{{")) return Take(TokenKind::kOpenRawBlock, 4);
  if (!At(at_, "{{")) return {TokenKind::kInvalid, {}, position_};
  const size_t mark = at_ + (At(at_, "{{~") ? 3 : 2);
  const size_t prefix = mark - at_;
  switch (CharAt(mark)) {
    case '>':
      return Take(TokenKind::kOpenPartial, prefix + 1);
    case '#':
      if (CharAt(mark + 1) == '>') return Take(TokenKind::kOpenPartialBlock, prefix + 2);
      return Take(TokenKind::kOpenBlock, prefix + (CharAt(mark + 1) == '*' ? 2 : 1));
    case '/':
      return Take(TokenKind::kOpenEndBlock, prefix + 1);
    case '{':
      return Take(TokenKind::kOpenUnescaped, prefix + 1);
    case '&':
      return Take(TokenKind::kOpen, prefix + 1);
    case '!':
      return NextComment(mark);
    default:
      break;
  }
  if (text_.find("}}", mark) == text_.npos) {
    return {TokenKind::kUnclosedTag, text_.substr(at_), position_};
  }
  const bool caret = CharAt(mark) == '^';
  const size_t word = caret ? mark : SkipSpace(mark);
  if (caret || At(word, "else")) {
    const size_t after_word = word + (caret ? 1 : 4);
    size_t end = SkipSpace(after_word);
    if (CharAt(end) == '~') ++end;
    if (At(end, "}}")) return TakeAndPop(TokenKind::kInverse, end + 2 - at_);
    if (caret) return Take(TokenKind::kOpenInverse, after_word - at_);
    if (!IsWordCharacter(CharAt(after_word))) {
      return Take(TokenKind::kOpenInverseChain, after_word - at_);
    }
  }
  return Take(TokenKind::kOpen, prefix + (CharAt(mark) == '*' ? 1 : 0));
}

// `bang` is where the "!" is.
Token Lexer::NextComment(size_t bang) {
  if (At(bang, "!--")) {
    size_t end = bang;
    while ((end = text_.find("--", end + 1)) != text_.npos) {
      if (At(end + 2, "}}")) return TakeAndPop(TokenKind::kComment, end + 4 - at_);
      if (At(end + 2, "~}}")) return TakeAndPop(TokenKind::kComment, end + 5 - at_);
    }
  } else if (const size_t end = text_.find("}}", bang); end != text_.npos) {
    return TakeAndPop(TokenKind::kComment, end + 2 - at_);
  }
  return {TokenKind::kUnclosedComment, text_.substr(at_), position_};
}

// A literal, "as |" or an identifier.
Token Lexer::NextWord() {
  constexpr std::pair<std::string_view, TokenKind> kLiterals[] = {
      {"true", TokenKind::kBoolean},
      {"false", TokenKind::kBoolean},
      {"undefined", TokenKind::kUndefined},
      {"null", TokenKind::kNull}};
  for (const auto& [word, kind] : kLiterals) {
    if (At(at_, word) && EndsLiteral(at_ + word.size())) return Take(kind, word.size());
  }
  size_t end = at_ + (text_[at_] == '-' ? 1 : 0);
  const size_t digits = end;
  while (IsDigit(CharAt(end))) ++end;
  if (end > digits) {
    if (CharAt(end) == '.' && IsDigit(CharAt(end + 1))) {
      size_t fraction = end + 1;
      while (IsDigit(CharAt(fraction))) ++fraction;
      if (EndsLiteral(fraction)) return Take(TokenKind::kNumber, fraction - at_);
    }
    if (EndsLiteral(end)) return Take(TokenKind::kNumber, end - at_);
  }
  if (At(at_, "as")) {
    const size_t bar = SkipSpace(at_ + 2);
    if (bar > at_ + 2 && CharAt(bar) == '|') {
      return Take(TokenKind::kOpenBlockParams, bar + 1 - at_);
    }
  }
  end = at_;
  while (end < text_.size() && IsIdByte(text_[end]) && SpaceAt(text_, end) == 0) ++end;
  if (end > at_ && EndsId(end)) return Take(TokenKind::kId, end - at_);
  // A whole character, so that messages show it well.
  end = at_ + 1;
  while (end < text_.size() && IsContinuation(text_[end])) ++end;
  return Take(TokenKind::kInvalid, end - at_);
}

// Where the closing character is missing, the last escaped one closes, as a
// backtracking regular expression has it.
Token Lexer::NextQuoted(char quote) {
  size_t last_escaped = 0;
  for (size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\' && CharAt(i + 1) == quote) {
      last_escaped = ++i;
    } else if (text_[i] == quote) {
      return Take(TokenKind::kString, i + 1 - at_);
    }
  }
  if (last_escaped > 0) return Take(TokenKind::kString, last_escaped + 1 - at_);
  return Take(TokenKind::kInvalid, 1);
}

Token Lexer::NextBracketed() {
  size_t last_escaped = 0;
  for (size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\' && CharAt(i + 1) == ']') {
      last_escaped = ++i;
    } else if (text_[i] == ']') {
      return Take(TokenKind::kId, i + 1 - at_);
    }
  }
  if (last_escaped > 0) return Take(TokenKind::kId, last_escaped + 1 - at_);
  return Take(TokenKind::kInvalid, 1);
}

}  // namespace colophon::syntax
