#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/template/syntax/ast.h"
#include "service/template/syntax/token_stream.h"

namespace colophon::syntax {

// Parses what stands between braces: names, arguments, sub-expressions. What fails is
// false, and has told.
class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream* tokens) : tokens_(tokens) {}

  bool ParseCall(Call* call);
  bool ParseArguments(Call* call);
  bool ParseBlockParams(std::vector<std::string>* names);
  bool ParsePartialName(Statement* partial);
  // A path or a literal; `what` is for the message.
  bool ParseName(std::string_view what, Expression* name);

 private:
  bool ParseExpression(Expression* expression);
  bool ParsePath(Path* path, Position position);
  bool ParseSubExpression(Expression* expression);

  TokenStream* const tokens_;
};

}  // namespace colophon::syntax
