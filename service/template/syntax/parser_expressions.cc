// The part of Parser that reads what stands between braces.

#include <utility>

#include "fmt/format.h"
#include "service/template/syntax/parser.h"

namespace colophon::syntax {

bool Parser::ParsePartialName(Statement* partial) {
  Expression name;
  if (Peek().kind == TokenKind::kOpenSexpr) {
    sink_->Error(
        Peek().position, "DYNAMIC_PARTIAL",
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

bool Parser::ParseCall(Call* call) {
  Expression name;
  if (!ParseName("a variable or a helper", &name)) return false;
  call->position = name.position;
  call->path = std::move(name.path);
  return ParseArguments(call);
}

bool Parser::ParseArguments(Call* call) {
  for (;;) {
    const Token next = Peek();
    if (next.kind == TokenKind::kId && Peek(1).kind == TokenKind::kEquals) {
      HashPair& pair = call->hash.emplace_back();
      pair.position = next.position;
      pair.key = SegmentText(Take().text);
      Take();
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
          return Fail(next.position, fmt::format("{} comes after {}=: write the arguments without "
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

bool Parser::ParseBlockParams(std::vector<std::string>* names) {
  if (Peek().kind != TokenKind::kOpenBlockParams) return true;
  Take();
  while (Peek().kind == TokenKind::kId) {
    if (!CountNode(Peek().position)) return false;
    names->push_back(SegmentText(Take().text));
  }
  if (names->empty()) return FailUnexpected(Peek(), "the name of a block parameter");
  return Expect(TokenKind::kCloseBlockParams, "|");
}

bool Parser::ParseExpression(Expression* expression) {
  if (!CountNode(Peek().position)) return false;
  if (Peek().kind == TokenKind::kOpenSexpr) return ParseSubExpression(expression);
  const TokenKind kind = Peek().kind;
  const std::string_view text = Peek().text;
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

bool Parser::ParseName(std::string_view what, Expression* name) {
  const Token token = Peek();
  name->position = token.position;
  switch (token.kind) {
    case TokenKind::kId:
      return ParsePath(&name->path, token.position);
    case TokenKind::kData:
      Take();
      name->path.data = true;
      if (Peek().kind != TokenKind::kId) return FailUnexpected(Peek(), "a name after @");
      return ParsePath(&name->path, token.position);
    case TokenKind::kString:
    case TokenKind::kNumber:
    case TokenKind::kBoolean:
    case TokenKind::kUndefined:
    case TokenKind::kNull:
      // A literal where a name belongs is the name: {{"a b"}}, {{12}}.
      name->path = LiteralPath(token.kind == TokenKind::kString, token.kind == TokenKind::kNumber,
                               Take().text);
      return true;
    default:
      return FailUnexpected(token, what);
  }
}

bool Parser::ParsePath(Path* path, Position position) {
  path->original = std::string(path->data ? 1 : 0, '@');
  std::string_view separator;
  for (;;) {
    const Token token = Take();
    if (!CountNode(token.position)) return false;
    std::string part = SegmentText(token.text);
    const bool literal = part != token.text;
    path->original += separator;
    path->original += part;
    if (!literal && (part == ".." || part == "." || part == "this")) {
      if (!path->parts.empty()) {
        return Fail(position, fmt::format("{} is no path: \"{}\" may only stand at its beginning; "
                                          "a key of that name is [{}]",
                                          path->original, part, part));
      }
      if (part == "..") ++path->depth;
    } else {
      path->parts.push_back(MakeSegment(std::move(part)));
    }
    if (Peek().kind != TokenKind::kSep) break;
    separator = Take().text;
    if (Peek().kind != TokenKind::kId) {
      return FailUnexpected(Peek(), fmt::format("a name after {}{}", path->original, separator));
    }
  }
  path->scoped = IsScoped(path->original);
  return true;
}

bool Parser::ParseSubExpression(Expression* expression) {
  Deeper deeper(this);
  const Token open = Take();
  if (!deeper.Check(open.position)) return false;
  expression->kind = Expression::Kind::kCall;
  expression->position = open.position;
  expression->call = std::make_unique<Call>();
  return ParseCall(expression->call.get()) && Expect(TokenKind::kCloseSexpr, ")");
}

}  // namespace colophon::syntax
