#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/expression_parser.h"
#include "service/template/syntax/token_stream.h"

namespace colophon::syntax {

// Parses a template into a syntax tree, by the grammar of Handlebars.js
// (handlebars.yy). The first syntax error ends the parse: what follows one is
// seldom meant as it reads.
class Parser {
 public:
  // Blocks and sub-expressions may be nested so deep.
  static constexpr int kMaxDepth = syntax::kMaxDepth;
  static constexpr int kMaxNodes = TokenStream::kMaxNodes;

  // `text` begins at `start` of the file.
  Parser(std::string_view text, Position start, DiagnosticSink* sink)
      : tokens_(text, start, sink) {}

  // Null after an error.
  std::unique_ptr<Program> Parse();
  int node_count() const { return tokens_.node_count(); }

 private:
  // What follows {{else}} in a block.
  struct Inverse {
    Strip strip;
    std::unique_ptr<Program> program;
    Position position;
    bool chained = false;
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

  TokenStream tokens_;
  ExpressionParser expressions_{&tokens_};
};

}  // namespace colophon::syntax
