#include "service/template/lint/marks.h"

#include <functional>
#include <set>
#include <string>

#include "fmt/format.h"
#include "service/template/lint/position_cursor.h"
#include "service/template/lint/warning_limit.h"
#include "service/template/syntax/helpers.h"
#include "service/template/syntax/js_text.h"

namespace colophon::lint {

using syntax::Helper;
using syntax::Program;
using syntax::Statement;

namespace {

constexpr size_t kMaxName = 64;

// A name as variables have it: a letter or _ first, then with digits and dots.
bool IsName(std::string_view text) {
  if (text.empty() || text.size() > kMaxName || text.front() == '.' || text.back() == '.') {
    return false;
  }
  if (text.front() >= '0' && text.front() <= '9') return false;
  for (const char c : text) {
    if (c != '.' && !syntax::IsWordCharacter(c)) return false;
  }
  return true;
}

class MarksLint {
 public:
  explicit MarksLint(DiagnosticSink* sink) : sink_(sink) {}

  void LintProgram(const Program& program) {
    for (size_t i = 0; i < program.body.size(); ++i) {
      const Statement& statement = program.body[i];
      if (statement.kind == Statement::Kind::kContent) LintText(statement);
      if (statement.kind == Statement::Kind::kComment) LintComment(program, i);
      if (statement.kind == Statement::Kind::kBlock) LintBlock(statement);
      if (statement.program) LintProgram(*statement.program);
      if (statement.inverse) LintProgram(*statement.inverse);
    }
  }

 private:
  void LintBlock(const Statement& block) {
    const Helper helper = block.call.helper;
    if (helper == Helper::kNone || !syntax::InfoOf(helper).structural) return;
    const std::string_view name = syntax::InfoOf(helper).name;
    const std::string tag =
        helper == Helper::kRole ? "{{role \"system\"}}" : fmt::format("{{{{{} …}}}}", name);
    sink_->Error(block.call.position, "IGNORED_BLOCK",
                 fmt::format("\"{}\" takes no block, so what stands between {{{{#{}}}}} and "
                             "{{{{/{}}}}} would never be sent: write {} and the text behind it",
                             name, name, name, tag));
  }

  // {{! see {{name}} }}: its first }} ends it, and the rest is text.
  void LintComment(const Program& program, size_t i) {
    const Statement& comment = program.body[i];
    if (comment.text.find("{{") == std::string::npos || i + 1 == program.body.size()) return;
    const Statement& after = program.body[i + 1];
    if (after.kind != Statement::Kind::kContent) return;
    const std::string_view text = after.text;
    if (text.substr(0, text.find_first_of("\r\n")).find("}}") == text.npos) return;
    sink_->Warning(comment.position, "COMMENT_ENDS_INSIDE",
                   "the comment ends at the first }} in it, and what follows is sent: write "
                   "{{!-- … --}}");
  }

  void LintText(const Statement& content) {
    const std::string_view text = content.text;
    PositionCursor cursor(text, content.position);
    for (size_t at = text.find('{'); at != text.npos && told_ < kMostOfAKind;
         at = text.find('{', at + 1)) {
      const std::string_view rest = text.substr(at);
      if (rest.starts_with("{%")) {
        const size_t end = rest.find("%}");
        if (end == rest.npos || rest.substr(0, end).find('\n') != rest.npos) continue;
        Tell(cursor.At(at), rest.substr(0, end + 2),
             "it is Jinja's: write {{#if name}}…{{/if}} or {{#each names}}…{{/each}}");
        continue;
      }
      const size_t end = rest.find('}');
      const std::string_view name = end == rest.npos ? "" : rest.substr(1, end - 1);
      if (!IsName(name) || rest.substr(end + 1).starts_with('}')) continue;
      const bool dollar = at > 0 && text[at - 1] == '$';
      // \frac{a}, f{x} and {a}{b} are other languages' own.
      const bool joined = at > 0 && !dollar &&
                          (syntax::IsWordCharacter(text[at - 1]) || text[at - 1] == '}' ||
                           text[at - 1] == '{' || text[at - 1] == '\\');
      if (joined) continue;
      const size_t begin = dollar ? at - 1 : at;
      Tell(cursor.At(begin), text.substr(begin, at + end + 1 - begin),
           fmt::format("for a variable write {{{{{}}}}}", name));
    }
  }

  // Each mark once.
  void Tell(Position position, std::string_view mark, std::string_view what) {
    if (!marks_.emplace(mark).second) return;
    sink_->Warning(position, "SINGLE_BRACE",
                   fmt::format("{} is text and is sent as it stands; {}", mark, what));
    ++told_;
  }

  DiagnosticSink* const sink_;
  std::set<std::string, std::less<>> marks_;
  int told_ = 0;
};

}  // namespace

void LintMarks(const Program& program, DiagnosticSink* sink) {
  MarksLint(sink).LintProgram(program);
}

}  // namespace colophon::lint
