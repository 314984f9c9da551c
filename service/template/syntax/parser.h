#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/lexer.h"

namespace colophon::syntax {

// Parses a template into a syntax tree, by the grammar of Handlebars.js
// (handlebars.yy). The first syntax error ends the parse: what follows one is
// seldom meant as it reads.
class Parser {
 public:
  // Blocks and sub-expressions may be nested so deep.
  static constexpr int kMaxDepth = syntax::kMaxDepth;
  // Tags, texts and expressions of one file: a tree takes a hundred times the memory
  // of its text.
  static constexpr int kMaxNodes = 50'000;

  // `text` begins at `start` of the file.
  Parser(std::string_view text, Position start, DiagnosticSink* sink)
      : lexer_(text, start), sink_(sink) {}

  // Null after an error.
  std::unique_ptr<Program> Parse();
  int node_count() const { return nodes_; }

 private:
  // What follows {{else}} in a block.
  struct Inverse {
    Strip strip;
    std::unique_ptr<Program> program;
    Position position;
    bool chained = false;
  };
  // Counts one level of nesting.
  class Deeper {
   public:
    explicit Deeper(Parser* parser) : parser_(parser) { ++parser_->depth_; }
    ~Deeper() { --parser_->depth_; }
    // False, and an error, when it is one too many.
    bool Check(Position position) const;

   private:
    Parser* const parser_;
  };

  bool ParseBody(Program* program);
  bool ParseMustache(Program* program);
  bool ParseBlock(Program* program);
  bool ParseInvertedBlock(Program* program);
  bool ParseRawBlock(Program* program);
  bool ParsePartial(Program* program);
  bool ParsePartialBlock(Program* program);
  void ParseComment(Program* program);
  bool ParseDecorator(const Token& open, Statement* block);

  // {{else}}, {{^}} or {{else if …}} when one is next, else leaves `inverse`
  // without a program.
  bool ParseInverse(bool may_chain, Inverse* inverse);
  bool ParseChain(Inverse* inverse);
  // {{/name}} of what `open` began.
  bool ParseClose(const Token& open, const std::string& name, Strip* strip);

  bool ParseCall(Call* call);
  bool ParseArguments(Call* call);
  bool ParseBlockParams(std::vector<std::string>* names);
  bool ParsePartialName(Statement* partial);
  // A path or a literal; `what` is for the message.
  bool ParseName(std::string_view what, Expression* name);
  bool ParseExpression(Expression* expression);
  bool ParsePath(Path* path, Position position);
  bool ParseSubExpression(Expression* expression);

  const Token& Peek(size_t ahead = 0);
  Token Take();
  bool Expect(TokenKind kind, std::string_view what, Token* token = nullptr);
  bool Fail(Position position, std::string_view message);
  // False, and an error, when it is one node too many.
  bool CountNode(Position position);
  bool FailUnexpected(const Token& token, std::string_view expected);

  Lexer lexer_;
  DiagnosticSink* const sink_;
  std::deque<Token> ahead_;
  int depth_ = 0;
  int nodes_ = 0;
};

}  // namespace colophon::syntax
