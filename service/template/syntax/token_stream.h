#pragma once

#include <cstddef>
#include <deque>
#include <string_view>

#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/lexer.h"

namespace colophon::syntax {

// The tokens of a template as parsers take them: looked at ahead, taken, expected.
// Counts what a tree is made of, and tells of the first error. What fails is false,
// and has told.
class TokenStream {
 public:
  // Tags, texts and expressions of one file: a tree takes a hundred times the memory
  // of its text.
  static constexpr int kMaxNodes = 50'000;

  // `text` begins at `start` of the file.
  TokenStream(std::string_view text, Position start, DiagnosticSink* sink)
      : lexer_(text, start), sink_(sink) {}
  TokenStream(const TokenStream&) = delete;
  TokenStream& operator=(const TokenStream&) = delete;

  // Counts one level of nesting.
  class Deeper {
   public:
    explicit Deeper(TokenStream* tokens) : tokens_(tokens) { ++tokens_->depth_; }
    ~Deeper() { --tokens_->depth_; }
    // False, and an error, when it is one too many.
    bool Check(Position position) const;

   private:
    TokenStream* const tokens_;
  };

  const Token& Peek(size_t ahead = 0);
  Token Take();
  // `what` is for the message.
  bool Expect(TokenKind kind, std::string_view what, Token* token = nullptr);
  bool Fail(Position position, std::string_view message);
  bool FailUnexpected(const Token& token, std::string_view expected);
  // False, and an error, when it is one node too many.
  bool CountNode(Position position);

  int node_count() const { return nodes_; }
  DiagnosticSink* sink() { return sink_; }

 private:
  Lexer lexer_;
  DiagnosticSink* const sink_;
  std::deque<Token> ahead_;
  int depth_ = 0;
  int nodes_ = 0;
};

}  // namespace colophon::syntax
