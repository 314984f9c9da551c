#pragma once

// Cuts a template into tokens, with the same rules in the same order as the
// grammar of Handlebars.js (handlebars.l), so that what is a token there is one
// here.

#include <cstddef>
#include <string_view>
#include <vector>

#include "service/template/syntax/diagnostics.h"

namespace colophon::syntax {

enum class TokenKind {
  kContent,
  kComment,
  kOpenRawBlock,      // {{{{
  kCloseRawBlock,     // }}}}
  kEndRawBlock,       // {{{{/name}}}}; text is the name
  kOpenPartial,       // {{>
  kOpenPartialBlock,  // {{#>
  kOpenBlock,         // {{# {{#*
  kOpenEndBlock,      // {{/
  kInverse,           // {{^}} {{else}}
  kOpenInverse,       // {{^
  kOpenInverseChain,  // {{else
  kOpen,              // {{ {{& {{*
  kOpenUnescaped,     // {{{
  kClose,             // }}
  kCloseUnescaped,    // }}}
  kOpenSexpr,         // (
  kCloseSexpr,        // )
  kEquals,            // =
  kId,
  kSep,  // . or /
  kString,
  kNumber,
  kBoolean,
  kUndefined,
  kNull,
  kData,              // @
  kOpenBlockParams,   // as |
  kCloseBlockParams,  // |
  kUnclosedComment,
  kUnclosedTag,  // From its {{ to the end: there is no }} behind it.
  kUnclosedRawBlock,
  kInvalid,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // As written; content without the escaping "\".
  Position position;
};

class Lexer {
 public:
  // `text` has no NUL and stays alive; its first character is at `start`.
  Lexer(std::string_view text, Position start) : text_(text), position_(start) {}

  // After the end: kEnd again and again.
  Token Next();

 private:
  enum class State { kContent, kMustache, kEscaped, kRaw };

  Token NextContent();
  Token NextEscaped();
  Token NextRaw();
  Token NextMustache();
  // Tokens that begin with "{{"; kInvalid when there is none here.
  Token NextOpen();
  Token NextComment(size_t bang);
  Token NextWord();
  Token NextQuoted(char quote);
  Token NextBracketed();

  // A token of the next `length` bytes.
  Token Take(TokenKind kind, size_t length);
  Token TakeAndPop(TokenKind kind, size_t length);
  bool At(size_t i, std::string_view what) const { return text_.substr(i, what.size()) == what; }
  char CharAt(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  size_t SkipSpace(size_t i) const;
  // True when `i` is followed by what may follow an identifier / a literal.
  bool EndsId(size_t i) const;
  bool EndsLiteral(size_t i) const;
  void Advance(size_t length);

  const std::string_view text_;
  size_t at_ = 0;
  Position position_;
  std::vector<State> states_ = {State::kContent};
  bool after_separator_ = false;
};

}  // namespace colophon::syntax
