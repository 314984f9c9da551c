#include "service/template/syntax/parser.h"

#include <utility>

#include "fmt/format.h"

namespace colophon::syntax {

namespace {

// Handlebars' stripFlags: a "~" after "{{" and before "}}".
bool StripsOpen(std::string_view token) { return token.size() > 2 && token[2] == '~'; }
bool StripsClose(std::string_view token) {
  return token.size() > 2 && token[token.size() - 3] == '~';
}

std::string CommentText(std::string_view token) {
  token.remove_prefix(token.substr(0, 3) == "{{~" ? 4 : 3);
  token.remove_suffix(token.ends_with("~}}") ? 3 : 2);
  for (int i = 0; i < 2 && token.starts_with('-'); ++i) token.remove_prefix(1);
  for (int i = 0; i < 2 && token.ends_with('-'); ++i) token.remove_suffix(1);
  return std::string(token);
}

Statement& Add(Program* program, Statement::Kind kind, Position position) {
  Statement& statement = program->body.emplace_back();
  statement.kind = kind;
  statement.position = position;
  return statement;
}

}  // namespace

std::unique_ptr<Program> Parser::Parse() {
  auto program = std::make_unique<Program>();
  if (!ParseBody(program.get())) return nullptr;
  const Token& next = tokens_.Peek();
  if (next.kind == TokenKind::kEnd) return program;
  if (next.kind == TokenKind::kOpenEndBlock) {
    tokens_.Fail(next.position,
                 "a block is closed here that was never opened: remove the {{/…}} or open "
                 "the block before it");
  } else {
    tokens_.Fail(next.position,
                 fmt::format("{} stands outside of a block: it belongs between {{{{#…}}}} "
                             "and {{{{/…}}}}",
                             next.text));
  }
  return nullptr;
}

bool Parser::ParseBody(Program* program) {
  TokenStream::Deeper deeper(&tokens_);
  if (!deeper.Check(tokens_.Peek().position)) return false;
  for (;;) {
    bool ok = true;
    if (!tokens_.CountNode(tokens_.Peek().position)) return false;
    switch (tokens_.Peek().kind) {
      case TokenKind::kContent: {
        const Token token = tokens_.Take();
        Statement& content = Add(program, Statement::Kind::kContent, token.position);
        content.text = token.text;
        break;
      }
      case TokenKind::kComment:
        ParseComment(program);
        break;
      case TokenKind::kOpen:
      case TokenKind::kOpenUnescaped:
        ok = ParseMustache(program);
        break;
      case TokenKind::kOpenBlock:
        ok = ParseBlock(program);
        break;
      case TokenKind::kOpenInverse:
        ok = ParseInvertedBlock(program);
        break;
      case TokenKind::kOpenRawBlock:
        ok = ParseRawBlock(program);
        break;
      case TokenKind::kOpenPartial:
        ok = ParsePartial(program);
        break;
      case TokenKind::kOpenPartialBlock:
        ok = ParsePartialBlock(program);
        break;
      case TokenKind::kInverse:
      case TokenKind::kOpenInverseChain:
      case TokenKind::kOpenEndBlock:
      case TokenKind::kEnd:
        return true;
      default:
        return tokens_.FailUnexpected(tokens_.Peek(), "text or {{");
    }
    if (!ok) return false;
  }
}

void Parser::ParseComment(Program* program) {
  const Token token = tokens_.Take();
  Statement& comment = Add(program, Statement::Kind::kComment, token.position);
  comment.text = CommentText(token.text);
  comment.strip = {StripsOpen(token.text), StripsClose(token.text)};
}

bool Parser::ParseMustache(Program* program) {
  const Token open = tokens_.Take();
  if (open.text.ends_with('*')) {
    return tokens_.Fail(open.position,
                        fmt::format("{} is a decorator, and there is none of this form: "
                                    "write {{{{#*inline \"name\"}}}}…{{{{/inline}}}}",
                                    open.text));
  }
  const bool unescaped = open.kind == TokenKind::kOpenUnescaped;
  Statement& mustache = Add(program, Statement::Kind::kMustache, open.position);
  Token close;
  if (!expressions_.ParseCall(&mustache.call) ||
      !tokens_.Expect(unescaped ? TokenKind::kCloseUnescaped : TokenKind::kClose,
                      unescaped ? "}}}" : "}}", &close)) {
    return false;
  }
  mustache.escaped = !unescaped && !open.text.ends_with('&');
  mustache.strip = {StripsOpen(open.text), StripsClose(close.text)};
  return true;
}

bool Parser::ParseBlock(Program* program) {
  const Token open = tokens_.Take();
  Statement& block = Add(program, Statement::Kind::kBlock, open.position);
  if (open.text.ends_with('*')) {
    program->inlines.push_back(program->body.size() - 1);
    return ParseDecorator(open, &block);
  }
  Token close;
  block.program = std::make_unique<Program>();
  if (!expressions_.ParseCall(&block.call) ||
      !expressions_.ParseBlockParams(&block.program->block_params) ||
      !tokens_.Expect(TokenKind::kClose, "}}", &close) || !ParseBody(block.program.get())) {
    return false;
  }
  block.strip = {StripsOpen(open.text), StripsClose(close.text)};
  Inverse inverse;
  if (!ParseInverse(/*may_chain=*/true, &inverse) ||
      !ParseClose(open, block.call.path.original, &block.close_strip)) {
    return false;
  }
  if (inverse.chained) inverse.program->body[0].close_strip = block.close_strip;
  block.inverse_strip = inverse.strip;
  block.else_position = inverse.position;
  block.inverse = std::move(inverse.program);
  return true;
}

// {{^name}}…{{else}}…{{/name}}: what comes first is the inverse.
bool Parser::ParseInvertedBlock(Program* program) {
  const Token open = tokens_.Take();
  Statement& block = Add(program, Statement::Kind::kBlock, open.position);
  Token close;
  block.inverse = std::make_unique<Program>();
  if (!expressions_.ParseCall(&block.call) ||
      !expressions_.ParseBlockParams(&block.inverse->block_params) ||
      !tokens_.Expect(TokenKind::kClose, "}}", &close) || !ParseBody(block.inverse.get())) {
    return false;
  }
  block.strip = {StripsOpen(open.text), StripsClose(close.text)};
  Inverse inverse;
  if (!ParseInverse(/*may_chain=*/false, &inverse) ||
      !ParseClose(open, block.call.path.original, &block.close_strip)) {
    return false;
  }
  block.inverse_strip = inverse.strip;
  block.else_position = inverse.position;
  block.program = std::move(inverse.program);
  return true;
}

bool Parser::ParseDecorator(const Token& open, Statement* block) {
  block->kind = Statement::Kind::kInline;
  block->program = std::make_unique<Program>();
  Token close;
  if (!expressions_.ParseCall(&block->call) ||
      !expressions_.ParseBlockParams(&block->program->block_params) ||
      !tokens_.Expect(TokenKind::kClose, "}}", &close) || !ParseBody(block->program.get())) {
    return false;
  }
  block->strip = {StripsOpen(open.text), StripsClose(close.text)};
  return ParseClose(open, block->call.path.original, &block->close_strip);
}

bool Parser::ParseInverse(bool may_chain, Inverse* inverse) {
  if (tokens_.Peek().kind == TokenKind::kOpenInverseChain && may_chain) return ParseChain(inverse);
  if (tokens_.Peek().kind != TokenKind::kInverse) return true;
  const Token token = tokens_.Take();
  inverse->position = token.position;
  inverse->strip = {StripsOpen(token.text), StripsClose(token.text)};
  inverse->program = std::make_unique<Program>();
  return ParseBody(inverse->program.get());
}

// {{else if x}}… is an inverse that holds one block.
bool Parser::ParseChain(Inverse* inverse) {
  TokenStream::Deeper deeper(&tokens_);
  const Token open = tokens_.Take();
  if (!deeper.Check(open.position)) return false;
  inverse->program = std::make_unique<Program>();
  inverse->program->chained = true;
  inverse->position = open.position;
  inverse->chained = true;
  Statement& block = Add(inverse->program.get(), Statement::Kind::kBlock, open.position);
  block.program = std::make_unique<Program>();
  Token close;
  if (!expressions_.ParseCall(&block.call) ||
      !expressions_.ParseBlockParams(&block.program->block_params) ||
      !tokens_.Expect(TokenKind::kClose, "}}", &close) || !ParseBody(block.program.get())) {
    return false;
  }
  inverse->strip = {StripsOpen(open.text), StripsClose(close.text)};
  block.strip = inverse->strip;
  Inverse next;
  if (!ParseInverse(/*may_chain=*/true, &next)) return false;
  if (next.chained) next.program->body[0].close_strip = next.strip;
  block.inverse_strip = next.strip;
  block.else_position = next.position;
  block.close_strip = next.strip;
  block.inverse = std::move(next.program);
  return true;
}

bool Parser::ParseClose(const Token& open, const std::string& name, Strip* strip) {
  const Token& next = tokens_.Peek();
  if (next.kind == TokenKind::kEnd) {
    return tokens_.Fail(open.position,
                        fmt::format("{{{{#{}}}}} is never closed: add {{{{/{}}}}}", name, name));
  }
  if (next.kind != TokenKind::kOpenEndBlock) {
    return tokens_.FailUnexpected(next, fmt::format("{{{{/{}}}}}", name));
  }
  const Token token = tokens_.Take();
  Expression closed;
  Token close;
  if (!expressions_.ParseName("the name of the block to close", &closed) ||
      !tokens_.Expect(TokenKind::kClose, "}}", &close)) {
    return false;
  }
  if (closed.path.original != name) {
    return tokens_.Fail(
        token.position,
        fmt::format("{{{{/{}}}}} doesn't match {{{{#{}}}}} of line {}: blocks close in the "
                    "reverse order of opening",
                    closed.path.original, name, open.position.line));
  }
  *strip = {StripsOpen(token.text), StripsClose(close.text)};
  return true;
}

bool Parser::ParseRawBlock(Program* program) {
  const Token open = tokens_.Take();
  Statement& block = Add(program, Statement::Kind::kBlock, open.position);
  if (!expressions_.ParseCall(&block.call) || !tokens_.Expect(TokenKind::kCloseRawBlock, "}}}}"))
    return false;
  block.program = std::make_unique<Program>();
  while (tokens_.Peek().kind == TokenKind::kContent) {
    const Token token = tokens_.Take();
    Add(block.program.get(), Statement::Kind::kContent, token.position).text = token.text;
  }
  const std::string& name = block.call.path.original;
  if (tokens_.Peek().kind == TokenKind::kUnclosedRawBlock) {
    return tokens_.Fail(
        open.position,
        fmt::format("{{{{{{{{{}}}}}}}}} is never closed: add {{{{{{{{/{}}}}}}}}}", name, name));
  }
  Token close;
  if (!tokens_.Expect(TokenKind::kEndRawBlock, "the end of the raw block", &close)) return false;
  if (close.text != name) {
    return tokens_.Fail(
        close.position,
        fmt::format("{{{{{{{{/{}}}}}}}}} doesn't match {{{{{{{{{}}}}}}}}}", close.text, name));
  }
  return true;
}

bool Parser::ParsePartial(Program* program) {
  const Token open = tokens_.Take();
  Statement& partial = Add(program, Statement::Kind::kPartial, open.position);
  Token close;
  if (!expressions_.ParsePartialName(&partial) || !expressions_.ParseArguments(&partial.call) ||
      !tokens_.Expect(TokenKind::kClose, "}}", &close)) {
    return false;
  }
  partial.strip = {StripsOpen(open.text), StripsClose(close.text)};
  return true;
}

bool Parser::ParsePartialBlock(Program* program) {
  const Token open = tokens_.Take();
  Statement& partial = Add(program, Statement::Kind::kPartialBlock, open.position);
  partial.program = std::make_unique<Program>();
  Token close;
  if (!expressions_.ParsePartialName(&partial) || !expressions_.ParseArguments(&partial.call) ||
      !tokens_.Expect(TokenKind::kClose, "}}", &close) || !ParseBody(partial.program.get())) {
    return false;
  }
  partial.strip = {StripsOpen(open.text), StripsClose(close.text)};
  return ParseClose(open, partial.text, &partial.close_strip);
}

}  // namespace colophon::syntax
