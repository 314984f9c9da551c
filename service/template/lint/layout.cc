#include "service/template/lint/layout.h"

#include <algorithm>

#include "service/template/lint/position_cursor.h"
#include "service/template/lint/warning_limit.h"
#include "service/template/syntax/helpers.h"
#include "service/template/syntax/js_text.h"

namespace colophon::lint {

using syntax::Helper;
using syntax::Program;
using syntax::Statement;

namespace {

// A piece of a message: text on either side of it is trimmed to nothing when it
// is only white space.
bool IsMarker(const Statement& statement) {
  return statement.kind == Statement::Kind::kMustache &&
         syntax::InfoOf(statement.call.helper).structural;
}

// The line that a text ends on.
int32_t LastLine(const Statement& content) {
  return syntax::PositionAt(content.text, content.text.size(), content.position).line;
}

class LayoutLint {
 public:
  explicit LayoutLint(DiagnosticSink* sink) : sink_(sink) {}

  void LintProgram(const Program& program) {
    for (size_t i = 0; i < program.body.size(); ++i) {
      const Statement& statement = program.body[i];
      if (statement.kind == Statement::Kind::kContent && !IsDropped(program, i)) {
        LintText(statement);
      }
      if (statement.kind == Statement::Kind::kMustache && statement.call.helper == Helper::kRole) {
        LintRole(program, i);
      }
      if (statement.program && IsRendered(statement)) LintProgram(*statement.program);
      if (statement.inverse && IsRendered(statement)) LintProgram(*statement.inverse);
    }
  }

 private:
  // What stands in the block of a helper that takes none has its own warning.
  static bool IsRendered(const Statement& statement) {
    return statement.kind != Statement::Kind::kBlock || statement.call.helper == Helper::kNone ||
           syntax::InfoOf(statement.call.helper).block;
  }

  // White space between two markers is no part of a message. What stands around
  // a block isn't known here, so its beginning and end count as markers.
  static bool IsDropped(const Program& program, size_t i) {
    return syntax::IsBlank(program.body[i].text) && (i == 0 || IsMarker(program.body[i - 1])) &&
           (i + 1 == program.body.size() || IsMarker(program.body[i + 1]));
  }

  void LintText(const Statement& content) {
    const std::string_view text = content.text;
    PositionCursor cursor(text, content.position);
    for (size_t at = text.find_first_of("\r\n"); at != text.npos && spaces_ < kMostOfAKind;
         at = text.find_first_of("\r\n", at + 1)) {
      size_t begin = at;
      while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
      if (begin == at) continue;
      sink_->Warning(cursor.At(begin), "TRAILING_SPACE",
                     "spaces at the end of this line are sent to the model: remove them");
      ++spaces_;
    }
  }

  // Text that begins the line which a role stands on. Where another marker
  // begins the line, as in {{role "system"}}Be brief.{{role "user"}}, it is plain
  // whose text it is.
  void LintRole(const Program& program, size_t i) {
    const Statement& role = program.body[i];
    bool text_before = false;
    for (size_t k = i; k-- > 0;) {
      const Statement& before = program.body[k];
      if (before.kind == Statement::Kind::kComment) continue;
      if (before.kind == Statement::Kind::kContent) {
        if (LastLine(before) != role.position.line) break;
        const size_t line = before.text.find_last_of("\r\n") + 1;
        text_before |= !syntax::IsBlank(std::string_view(before.text).substr(line));
        if (line > 0) break;
      } else if (before.kind == Statement::Kind::kMustache && !IsMarker(before)) {
        if (before.position.line != role.position.line) break;
        text_before |= before.call.helper != Helper::kLog;
      } else if (before.program != nullptr || before.inverse != nullptr) {
        return;  // Where a block ends isn't known, nor what it ends with.
      } else {
        if (before.position.line == role.position.line) return;
        break;
      }
    }
    if (!text_before || roles_ >= kMostOfAKind) return;
    sink_->Warning(role.position, "TEXT_BEFORE_ROLE",
                   "the text before this role on its line belongs to the message before it: put "
                   "the role on a line of its own, or the text after it");
    ++roles_;
  }

  DiagnosticSink* const sink_;
  int spaces_ = 0;
  int roles_ = 0;
};

}  // namespace

void LintLayout(const Program& program, DiagnosticSink* sink) {
  LayoutLint(sink).LintProgram(program);
}

}  // namespace colophon::lint
