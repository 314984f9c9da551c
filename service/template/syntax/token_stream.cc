#include "service/template/syntax/token_stream.h"

#include "fmt/format.h"

namespace colophon::syntax {

bool TokenStream::Deeper::Check(Position position) const {
  if (tokens_->depth_ <= kMaxDepth) return true;
  tokens_->sink_->Error(position, "TOO_DEEP",
                        fmt::format("more than {} blocks or expressions inside each other: move "
                                    "some of them into a partial",
                                    kMaxDepth));
  return false;
}

const Token& TokenStream::Peek(size_t ahead) {
  while (ahead_.size() <= ahead) ahead_.push_back(lexer_.Next());
  return ahead_[ahead];
}

Token TokenStream::Take() {
  const Token token = Peek();
  ahead_.pop_front();
  return token;
}

bool TokenStream::Expect(TokenKind kind, std::string_view what, Token* token) {
  if (Peek().kind != kind) return FailUnexpected(Peek(), what);
  const Token taken = Take();
  if (token != nullptr) *token = taken;
  return true;
}

bool TokenStream::Fail(Position position, std::string_view message) {
  sink_->Error(position, "SYNTAX", message);
  return false;
}

bool TokenStream::CountNode(Position position) {
  if (++nodes_ <= kMaxNodes) return true;
  sink_->Error(position, "TOO_LARGE",
               fmt::format("more than {} tags, texts and expressions stand in one file: move some "
                           "of them into a partial, or make them data that {{{{#each}}}} walks",
                           kMaxNodes));
  return false;
}

bool TokenStream::FailUnexpected(const Token& token, std::string_view expected) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return Fail(token.position, fmt::format("the file ends where {} should stand", expected));
    case TokenKind::kUnclosedComment:
      return Fail(token.position, token.text.find("!--") <= 3
                                      ? "the comment is never closed: add --}}"
                                      : "the comment is never closed: add }}");
    case TokenKind::kUnclosedTag:
      return Fail(token.position, "{{ is never closed: add }} behind the name");
    case TokenKind::kUnclosedRawBlock:
      return Fail(token.position, "the raw block is never closed");
    case TokenKind::kCloseUnescaped:
      if (expected == "}}") {
        return Fail(token.position,
                    "}}} closes only {{{: where a } of the text follows, write a space before it "
                    "or close with ~}} and a line break");
      }
      break;
    default:
      break;
  }
  if (token.text.starts_with("{{") && expected == "}}") {
    return Fail(token.position, "the tag before this {{ is never closed: add }} to it");
  }
  return Fail(token.position,
              fmt::format("{} stands where {} should", Quote(token.text), expected));
}

}  // namespace colophon::syntax
