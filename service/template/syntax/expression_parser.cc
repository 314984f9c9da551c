#include "service/template/syntax/expression_parser.h"

#include <utility>

#include "fmt/format.h"

namespace colophon::syntax {

bool ExpressionParser::ParsePartialName(Statement* partial) {
  Expression name;
  if (tokens_->Peek().kind == TokenKind::kOpenSexpr) {
    tokens_->sink()->Error(
        tokens_->Peek().position, "DYNAMIC_PARTIAL",
        "the name of a partial is computed here: a version pins every file it includes, so "
        "the name has to be written out, as in {{> tone}}");
    return false;
  }
  if (!ParseName("the name of a partial", &name)) return false;
  partial->call.position = name.position;
  partial->call.path = std::move(name.path);
  partial->text = partial->call.path.original;
  return true;
}

bool ExpressionParser::ParseCall(Call* call) {
  Expression name;
  if (!ParseName("a variable or a helper", &name)) return false;
  call->position = name.position;
  call->path = std::move(name.path);
  return ParseArguments(call);
}

bool ExpressionParser::ParseArguments(Call* call) {
  for (;;) {
    const Token next = tokens_->Peek();
    if (next.kind == TokenKind::kId && tokens_->Peek(1).kind == TokenKind::kEquals) {
      HashPair& pair = call->hash.emplace_back();
      pair.position = next.position;
      pair.key = SegmentText(tokens_->Take().text);
      tokens_->Take();
      if (!ParseExpression(&pair.value)) return false;
      continue;
    }
    switch (next.kind) {
      case TokenKind::kId:
      case TokenKind::kData:
      case TokenKind::kString:
      case TokenKind::kNumber:
      case TokenKind::kBoolean:
      case TokenKind::kUndefined:
      case TokenKind::kNull:
      case TokenKind::kOpenSexpr:
        if (!call->hash.empty()) {
          return tokens_->Fail(next.position,
                               fmt::format("{} comes after {}=: write the arguments without "
                                           "a name first",
                                           next.text, call->hash.back().key));
        }
        if (!ParseExpression(&call->params.emplace_back())) return false;
        break;
      default:
        return true;
    }
  }
}

bool ExpressionParser::ParseBlockParams(std::vector<std::string>* names) {
  if (tokens_->Peek().kind != TokenKind::kOpenBlockParams) return true;
  tokens_->Take();
  while (tokens_->Peek().kind == TokenKind::kId) {
    if (!tokens_->CountNode(tokens_->Peek().position)) return false;
    names->push_back(SegmentText(tokens_->Take().text));
  }
  if (names->empty())
    return tokens_->FailUnexpected(tokens_->Peek(), "the name of a block parameter");
  return tokens_->Expect(TokenKind::kCloseBlockParams, "|");
}

bool ExpressionParser::ParseExpression(Expression* expression) {
  if (!tokens_->CountNode(tokens_->Peek().position)) return false;
  if (tokens_->Peek().kind == TokenKind::kOpenSexpr) return ParseSubExpression(expression);
  const TokenKind kind = tokens_->Peek().kind;
  const std::string_view text = tokens_->Peek().text;
  using Kind = Expression::Kind;
  if (!ParseName("an argument", expression)) return false;
  switch (kind) {
    case TokenKind::kString:
      expression->kind = Kind::kString;
      expression->string = expression->path.original;
      break;
    case TokenKind::kNumber:
      expression->kind = Kind::kNumber;
      expression->number = NumberOf(text);
      break;
    case TokenKind::kBoolean:
      expression->kind = Kind::kBoolean;
      expression->boolean = text == "true";
      break;
    case TokenKind::kUndefined:
      expression->kind = Kind::kUndefined;
      break;
    case TokenKind::kNull:
      expression->kind = Kind::kNull;
      break;
    default:
      expression->kind = Kind::kPath;
      break;
  }
  return true;
}

bool ExpressionParser::ParseName(std::string_view what, Expression* name) {
  const Token token = tokens_->Peek();
  name->position = token.position;
  switch (token.kind) {
    case TokenKind::kId:
      return ParsePath(&name->path, token.position);
    case TokenKind::kData:
      tokens_->Take();
      name->path.data = true;
      if (tokens_->Peek().kind != TokenKind::kId)
        return tokens_->FailUnexpected(tokens_->Peek(), "a name after @");
      return ParsePath(&name->path, token.position);
    case TokenKind::kString:
    case TokenKind::kNumber:
    case TokenKind::kBoolean:
    case TokenKind::kUndefined:
    case TokenKind::kNull:
      // A literal where a name belongs is the name: {{"a b"}}, {{12}}.
      name->path = LiteralPath(token.kind == TokenKind::kString, token.kind == TokenKind::kNumber,
                               tokens_->Take().text);
      return true;
    default:
      return tokens_->FailUnexpected(token, what);
  }
}

bool ExpressionParser::ParsePath(Path* path, Position position) {
  path->original = std::string(path->data ? 1 : 0, '@');
  std::string_view separator;
  for (;;) {
    const Token token = tokens_->Take();
    if (!tokens_->CountNode(token.position)) return false;
    std::string part = SegmentText(token.text);
    const bool literal = part != token.text;
    path->original += separator;
    path->original += part;
    if (!literal && (part == ".." || part == "." || part == "this")) {
      if (!path->parts.empty()) {
        return tokens_->Fail(position,
                             fmt::format("{} is no path: \"{}\" may only stand at its beginning; "
                                         "a key of that name is [{}]",
                                         path->original, part, part));
      }
      if (part == "..") ++path->depth;
    } else {
      path->parts.push_back(MakeSegment(std::move(part)));
    }
    if (tokens_->Peek().kind != TokenKind::kSep) break;
    separator = tokens_->Take().text;
    if (tokens_->Peek().kind != TokenKind::kId) {
      return tokens_->FailUnexpected(tokens_->Peek(),
                                     fmt::format("a name after {}{}", path->original, separator));
    }
  }
  path->scoped = IsScoped(path->original);
  return true;
}

bool ExpressionParser::ParseSubExpression(Expression* expression) {
  TokenStream::Deeper deeper(tokens_);
  const Token open = tokens_->Take();
  if (!deeper.Check(open.position)) return false;
  expression->kind = Expression::Kind::kCall;
  expression->position = open.position;
  expression->call = std::make_unique<Call>();
  return ParseCall(expression->call.get()) && tokens_->Expect(TokenKind::kCloseSexpr, ")");
}

}  // namespace colophon::syntax
