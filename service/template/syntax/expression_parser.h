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

  // name params… key=value…
  bool ParseCall(Call* call);
  // params… key=value…
  bool ParseArguments(Call* call);
  // as |names…|, or nothing.
  bool ParseBlockParams(std::vector<std::string>* names);
  // What follows {{> or {{#>.
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
