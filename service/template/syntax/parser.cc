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

bool Parser::Deeper::Check(Position position) const {
  if (parser_->depth_ <= kMaxDepth) return true;
  parser_->sink_->Error(position, "TOO_DEEP",
                        fmt::format("more than {} blocks or expressions inside each other: move "
                                    "some of them into a partial",
                                    kMaxDepth));
  return false;
}

std::unique_ptr<Program> Parser::Parse() {
  auto program = std::make_unique<Program>();
  if (!ParseBody(program.get())) return nullptr;
  const Token& next = Peek();
  if (next.kind == TokenKind::kEnd) return program;
  if (next.kind == TokenKind::kOpenEndBlock) {
    Fail(next.position,
         "a block is closed here that was never opened: remove the {{/…}} or open "
         "the block before it");
  } else {
    Fail(next.position, fmt::format("{} stands outside of a block: it belongs between {{{{#…}}}} "
                                    "and {{{{/…}}}}",
                                    next.text));
  }
  return nullptr;
}

bool Parser::ParseBody(Program* program) {
  Deeper deeper(this);
  if (!deeper.Check(Peek().position)) return false;
  for (;;) {
    bool ok = true;
    if (!CountNode(Peek().position)) return false;
    switch (Peek().kind) {
      case TokenKind::kContent: {
        const Token token = Take();
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
        return FailUnexpected(Peek(), "text or {{");
    }
    if (!ok) return false;
  }
}

void Parser::ParseComment(Program* program) {
  const Token token = Take();
  Statement& comment = Add(program, Statement::Kind::kComment, token.position);
  comment.text = CommentText(token.text);
  comment.strip = {StripsOpen(token.text), StripsClose(token.text)};
}

bool Parser::ParseMustache(Program* program) {
  const Token open = Take();
  if (open.text.ends_with('*')) {
    return Fail(open.position, fmt::format("{} is a decorator, and there is none of this form: "
                                           "write {{{{#*inline \"name\"}}}}…{{{{/inline}}}}",
                                           open.text));
  }
  const bool unescaped = open.kind == TokenKind::kOpenUnescaped;
  Statement& mustache = Add(program, Statement::Kind::kMustache, open.position);
  Token close;
  if (!ParseCall(&mustache.call) ||
      !Expect(unescaped ? TokenKind::kCloseUnescaped : TokenKind::kClose, unescaped ? "}}}" : "}}",
              &close)) {
    return false;
  }
  mustache.escaped = !unescaped && !open.text.ends_with('&');
  mustache.strip = {StripsOpen(open.text), StripsClose(close.text)};
  return true;
}

bool Parser::ParseBlock(Program* program) {
  const Token open = Take();
  Statement& block = Add(program, Statement::Kind::kBlock, open.position);
  if (open.text.ends_with('*')) {
    program->inlines.push_back(program->body.size() - 1);
    return ParseDecorator(open, &block);
  }
  Token close;
  block.program = std::make_unique<Program>();
  if (!ParseCall(&block.call) || !ParseBlockParams(&block.program->block_params) ||
      !Expect(TokenKind::kClose, "}}", &close) || !ParseBody(block.program.get())) {
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
  const Token open = Take();
  Statement& block = Add(program, Statement::Kind::kBlock, open.position);
  Token close;
  block.inverse = std::make_unique<Program>();
  if (!ParseCall(&block.call) || !ParseBlockParams(&block.inverse->block_params) ||
      !Expect(TokenKind::kClose, "}}", &close) || !ParseBody(block.inverse.get())) {
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
  if (!ParseCall(&block->call) || !ParseBlockParams(&block->program->block_params) ||
      !Expect(TokenKind::kClose, "}}", &close) || !ParseBody(block->program.get())) {
    return false;
  }
  block->strip = {StripsOpen(open.text), StripsClose(close.text)};
  return ParseClose(open, block->call.path.original, &block->close_strip);
}

bool Parser::ParseInverse(bool may_chain, Inverse* inverse) {
  if (Peek().kind == TokenKind::kOpenInverseChain && may_chain) return ParseChain(inverse);
  if (Peek().kind != TokenKind::kInverse) return true;
  const Token token = Take();
  inverse->position = token.position;
  inverse->strip = {StripsOpen(token.text), StripsClose(token.text)};
  inverse->program = std::make_unique<Program>();
  return ParseBody(inverse->program.get());
}

// {{else if x}}… is an inverse that holds one block.
bool Parser::ParseChain(Inverse* inverse) {
  Deeper deeper(this);
  const Token open = Take();
  if (!deeper.Check(open.position)) return false;
  inverse->program = std::make_unique<Program>();
  inverse->program->chained = true;
  inverse->position = open.position;
  inverse->chained = true;
  Statement& block = Add(inverse->program.get(), Statement::Kind::kBlock, open.position);
  block.program = std::make_unique<Program>();
  Token close;
  if (!ParseCall(&block.call) || !ParseBlockParams(&block.program->block_params) ||
      !Expect(TokenKind::kClose, "}}", &close) || !ParseBody(block.program.get())) {
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
  const Token& next = Peek();
  if (next.kind == TokenKind::kEnd) {
    return Fail(open.position,
                fmt::format("{{{{#{}}}}} is never closed: add {{{{/{}}}}}", name, name));
  }
  if (next.kind != TokenKind::kOpenEndBlock) {
    return FailUnexpected(next, fmt::format("{{{{/{}}}}}", name));
  }
  const Token token = Take();
  Expression closed;
  Token close;
  if (!ParseName("the name of the block to close", &closed) ||
      !Expect(TokenKind::kClose, "}}", &close)) {
    return false;
  }
  if (closed.path.original != name) {
    return Fail(token.position,
                fmt::format("{{{{/{}}}}} doesn't match {{{{#{}}}}} of line {}: blocks close in the "
                            "reverse order of opening",
                            closed.path.original, name, open.position.line));
  }
  *strip = {StripsOpen(token.text), StripsClose(close.text)};
  return true;
}

bool Parser::ParseRawBlock(Program* program) {
  const Token open = Take();
  Statement& block = Add(program, Statement::Kind::kBlock, open.position);
  if (!ParseCall(&block.call) || !Expect(TokenKind::kCloseRawBlock, "}}}}")) return false;
  block.program = std::make_unique<Program>();
  while (Peek().kind == TokenKind::kContent) {
    const Token token = Take();
    Add(block.program.get(), Statement::Kind::kContent, token.position).text = token.text;
  }
  const std::string& name = block.call.path.original;
  if (Peek().kind == TokenKind::kUnclosedRawBlock) {
    return Fail(
        open.position,
        fmt::format("{{{{{{{{{}}}}}}}}} is never closed: add {{{{{{{{/{}}}}}}}}}", name, name));
  }
  Token close;
  if (!Expect(TokenKind::kEndRawBlock, "the end of the raw block", &close)) return false;
  if (close.text != name) {
    return Fail(close.position, fmt::format("{{{{{{{{/{}}}}}}}}} doesn't match {{{{{{{{{}}}}}}}}}",
                                            close.text, name));
  }
  return true;
}

bool Parser::ParsePartial(Program* program) {
  const Token open = Take();
  Statement& partial = Add(program, Statement::Kind::kPartial, open.position);
  Token close;
  if (!ParsePartialName(&partial) || !ParseArguments(&partial.call) ||
      !Expect(TokenKind::kClose, "}}", &close)) {
    return false;
  }
  partial.strip = {StripsOpen(open.text), StripsClose(close.text)};
  return true;
}

bool Parser::ParsePartialBlock(Program* program) {
  const Token open = Take();
  Statement& partial = Add(program, Statement::Kind::kPartialBlock, open.position);
  partial.program = std::make_unique<Program>();
  Token close;
  if (!ParsePartialName(&partial) || !ParseArguments(&partial.call) ||
      !Expect(TokenKind::kClose, "}}", &close) || !ParseBody(partial.program.get())) {
    return false;
  }
  partial.strip = {StripsOpen(open.text), StripsClose(close.text)};
  return ParseClose(open, partial.text, &partial.close_strip);
}

const Token& Parser::Peek(size_t ahead) {
  while (ahead_.size() <= ahead) ahead_.push_back(lexer_.Next());
  return ahead_[ahead];
}

Token Parser::Take() {
  const Token token = Peek();
  ahead_.pop_front();
  return token;
}

bool Parser::Expect(TokenKind kind, std::string_view what, Token* token) {
  if (Peek().kind != kind) return FailUnexpected(Peek(), what);
  const Token taken = Take();
  if (token != nullptr) *token = taken;
  return true;
}

bool Parser::Fail(Position position, std::string_view message) {
  sink_->Error(position, "SYNTAX", message);
  return false;
}

bool Parser::CountNode(Position position) {
  if (++nodes_ <= kMaxNodes) return true;
  sink_->Error(position, "TOO_LARGE",
               fmt::format("more than {} tags, texts and expressions stand in one file: move some "
                           "of them into a partial, or make them data that {{{{#each}}}} walks",
                           kMaxNodes));
  return false;
}

bool Parser::FailUnexpected(const Token& token, std::string_view expected) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return Fail(token.position, fmt::format("the file ends where {} should stand", expected));
    case TokenKind::kUnclosedComment:
      return Fail(token.position, token.text.find("!--") <= 3
                                      ? "the comment is never closed: add --}}"
                                      : "the comment is never closed: add }}");
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
  return Fail(token.position,
              fmt::format("{} stands where {} should", Quote(token.text), expected));
}

}  // namespace colophon::syntax
