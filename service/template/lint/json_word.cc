#include "service/template/lint/json_word.h"

#include <algorithm>
#include <string_view>

namespace colophon::lint {
namespace {

// In whatever file it stands, comments and names too: then it isn't certain that the
// word is missing.
bool SaysJson(std::string_view text) {
  static constexpr std::string_view kWord = "json";
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  return std::search(text.begin(), text.end(), kWord.begin(), kWord.end(), same) != text.end();
}

bool SaysJson(const syntax::Program& program) {
  for (const syntax::Statement& statement : program.body) {
    const bool is_text = statement.kind == syntax::Statement::Kind::kContent;
    if (is_text && SaysJson(statement.text)) return true;
    if (statement.call.helper == syntax::Helper::kJson) return true;
    if (statement.program && SaysJson(*statement.program)) return true;
    if (statement.inverse && SaysJson(*statement.inverse)) return true;
  }
  return false;
}

}  // namespace

void LintJsonWord(const prompt::Closure& closure, DiagnosticSink* sink) {
  const prompt::FrontMatter& matter = closure.prompt->front_matter();
  if (matter.output_format != "json" || !matter.output_schema.is_null()) return;
  if (matter.model.empty() || matter.model.starts_with("anthropic/")) return;
  if (SaysJson(closure.prompt->program())) return;
  for (const auto& [name, partial] : closure.partials) {
    if (SaysJson(partial->program())) return;
  }
  sink->Warning(syntax::FindPosition(matter.positions, "/output/format"), "JSON_WORD",
                "no message says \"json\": OpenAI's API refuses a call that asks for JSON then; "
                "add \"Answer in JSON.\", or give output.schema");
}

}  // namespace colophon::lint
