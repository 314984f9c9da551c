#include "service/template/syntax/whitespace.h"

#include <optional>

#include "service/template/syntax/js_text.h"

namespace colophon::syntax {
namespace {

// What a tag asks of the text around it.
struct StripRequest {
  bool open = false;
  bool close = false;
  bool open_standalone = false;
  bool close_standalone = false;
  bool inline_standalone = false;
};

bool IsContent(const Statement& statement) { return statement.kind == Statement::Kind::kContent; }

size_t LeadingBlanks(std::string_view text) {
  const size_t end = text.find_first_not_of(" \t");
  return end == text.npos ? text.size() : end;
}

size_t TrailingBlanks(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t");
  return text.size() - (last == text.npos ? 0 : last + 1);
}

// True when the text before `i` ends a line, save white space.
bool IsPreviousBlank(const Program& program, size_t i, bool is_root) {
  if (i == 0) return is_root;
  const Statement& previous = program.body[i - 1];
  if (!IsContent(previous)) return false;
  const std::string_view text = previous.original;
  const size_t space = TrailingSpace(text);
  if (is_root && i == 1 && space == text.size()) return true;
  return text.substr(text.size() - space).find('\n') != text.npos;
}

// True when the text that begins at `i` begins with a line break, save white
// space.
bool IsNextBlank(const Program& program, size_t i, bool is_root) {
  if (i >= program.body.size()) return is_root;
  const Statement& next = program.body[i];
  if (!IsContent(next)) return false;
  const std::string_view text = next.original;
  const size_t space = LeadingSpace(text);
  if (is_root && i + 1 == program.body.size() && space == text.size()) return true;
  return text.substr(0, space).find('\n') != text.npos;
}

// Takes white space from the beginning of statement `i`: all of it, or the rest
// of one line.
void OmitRight(Program* program, size_t i, bool all) {
  if (i >= program->body.size()) return;
  Statement& content = program->body[i];
  if (!IsContent(content) || (!all && content.right_stripped)) return;
  size_t end;
  if (all) {
    end = LeadingSpace(content.text);
  } else {
    end = LeadingBlanks(content.text);
    if (end < content.text.size() && content.text[end] == '\r') ++end;
    if (end < content.text.size() && content.text[end] == '\n') ++end;
  }
  content.right_stripped = end > 0;
  content.position = PositionAt(content.text, end, content.position);
  content.text.erase(0, end);
}

// Takes white space from the end of statement `i` - 1. True when there was some.
bool OmitLeft(Program* program, size_t i, bool all) {
  if (i == 0) return false;
  Statement& content = program->body[i - 1];
  if (!IsContent(content) || (!all && content.left_stripped)) return false;
  const size_t length = all ? TrailingSpace(content.text) : TrailingBlanks(content.text);
  content.left_stripped = length > 0;
  content.text.resize(content.text.size() - length);
  return length > 0;
}

void ControlProgram(Program* program, bool is_root);

StripRequest ControlBlock(Statement* block) {
  if (block->program) ControlProgram(block->program.get(), false);
  if (block->inverse) ControlProgram(block->inverse.get(), false);

  Program* program = block->program ? block->program.get() : block->inverse.get();
  Program* inverse = block->program ? block->inverse.get() : nullptr;
  Program* first_inverse = inverse;
  Program* last_inverse = inverse;
  if (inverse != nullptr && inverse->chained) {
    first_inverse = inverse->body[0].program.get();
    while (last_inverse->chained) last_inverse = last_inverse->body.back().program.get();
  }
  Program* closing = first_inverse != nullptr ? first_inverse : program;

  StripRequest request;
  request.open = block->strip.open;
  request.close = block->close_strip.close;
  request.open_standalone = IsNextBlank(*program, 0, false);
  request.close_standalone = IsPreviousBlank(*closing, closing->body.size(), false);

  if (block->strip.close) OmitRight(program, 0, true);
  if (inverse == nullptr) {
    if (block->close_strip.open) OmitLeft(program, program->body.size(), true);
    return request;
  }
  if (block->inverse_strip.open) OmitLeft(program, program->body.size(), true);
  if (block->inverse_strip.close) OmitRight(first_inverse, 0, true);
  if (block->close_strip.open) OmitLeft(last_inverse, last_inverse->body.size(), true);
  // An {{else}} alone on its line.
  if (IsPreviousBlank(*program, program->body.size(), false) &&
      IsNextBlank(*first_inverse, 0, false)) {
    OmitLeft(program, program->body.size(), false);
    OmitRight(first_inverse, 0, false);
  }
  return request;
}

std::optional<StripRequest> Control(Statement* statement) {
  switch (statement->kind) {
    case Statement::Kind::kContent:
      return std::nullopt;
    case Statement::Kind::kMustache:
      return StripRequest{statement->strip.open, statement->strip.close, false, false, false};
    case Statement::Kind::kComment:
    case Statement::Kind::kPartial:
      return StripRequest{statement->strip.open, statement->strip.close, false, false, true};
    case Statement::Kind::kBlock:
    case Statement::Kind::kPartialBlock:
    case Statement::Kind::kInline:
      return ControlBlock(statement);
  }
  return std::nullopt;
}

void ControlProgram(Program* program, bool is_root) {
  for (Statement& statement : program->body) {
    if (IsContent(statement)) statement.original = statement.text;
  }
  for (size_t i = 0; i < program->body.size(); ++i) {
    Statement& current = program->body[i];
    const std::optional<StripRequest> request = Control(&current);
    if (!request) continue;
    const bool previous_blank = IsPreviousBlank(*program, i, is_root);
    const bool next_blank = IsNextBlank(*program, i + 1, is_root);

    if (request->close) OmitRight(program, i + 1, true);
    if (request->open) OmitLeft(program, i, true);
    if (request->inline_standalone && previous_blank && next_blank) {
      OmitRight(program, i + 1, false);
      if (OmitLeft(program, i, false) && current.kind == Statement::Kind::kPartial) {
        const std::string& before = program->body[i - 1].original;
        current.indent = before.substr(before.size() - TrailingBlanks(before));
      }
    }
    if (request->open_standalone && previous_blank) {
      OmitRight(current.program ? current.program.get() : current.inverse.get(), 0, false);
      OmitLeft(program, i, false);
    }
    if (request->close_standalone && next_blank) {
      OmitRight(program, i + 1, false);
      Program* last = current.inverse ? current.inverse.get() : current.program.get();
      OmitLeft(last, last->body.size(), false);
    }
  }
}

// What only the rules above needed.
void ForgetOriginals(Program* program) {
  for (Statement& statement : program->body) {
    statement.original = std::string();
    if (statement.program) ForgetOriginals(statement.program.get());
    if (statement.inverse) ForgetOriginals(statement.inverse.get());
  }
}

}  // namespace

void ControlWhitespace(Program* root) {
  ControlProgram(root, true);
  ForgetOriginals(root);
}

}  // namespace colophon::syntax
