// Our side of tests/differential: reads cases from standard input, one a line,
// and answers each with a line.
//
//   case   = { "source": text, "partials": { name: text }, "data": Dotprompt's data }
//   answer = { "rendered": as `colophon render FILE --json` prints it }
//          | { "refused": [{ "code", "path", "line", "column", "message" }…] }
//          | { "failed": { "reason", "message" } }

#include <iostream>
#include <map>
#include <string>

#include "client/cli/dotprompt_json.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/closure_loader.h"
#include "service/template/prompt/plan.h"

namespace colophon {
namespace {

// "sub/tone" is sub/_tone.prompt.
std::string PartialPath(std::string_view name) {
  const size_t slash = name.rfind('/');
  const size_t begin = slash == name.npos ? 0 : slash + 1;
  return fmt::format("{}_{}.prompt", name.substr(0, begin), name.substr(begin));
}

std::string Text(const json::value& value) { return std::string(value.as_string()); }

json::object Refused(const std::vector<v1::Diagnostic>& diagnostics) {
  json::array errors;
  for (const v1::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity() != v1::Diagnostic::SEVERITY_ERROR) continue;
    errors.push_back({{"code", diagnostic.code()},
                      {"path", diagnostic.path()},
                      {"line", diagnostic.line()},
                      {"column", diagnostic.column()},
                      {"message", diagnostic.message()}});
  }
  return {{"refused", std::move(errors)}};
}

absl::StatusOr<json::object> Answer(const json::object& given) {
  std::map<std::string, std::string> tree = {{"case.prompt", Text(given.at("source"))}};
  for (const auto& member : given.at("partials").as_object()) {
    tree[PartialPath(std::string_view(member.key()))] = Text(member.value());
  }
  const prompt::ReadFile read = [&](const std::string& path) -> std::optional<std::string> {
    const auto file = tree.find(path);
    if (file == tree.end()) return std::nullopt;
    return file->second;
  };
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(const auto closure, prompt::LoadClosure("case.prompt", read, &diagnostics));
  if (closure == nullptr) return Refused(diagnostics);
  ASSIGN_OR_RETURN(const DataArgument data,
                   ParseDataArgument(WriteJson(given.at("data")), "the case"));
  ASSIGN_OR_RETURN(const render::Input input, InputFromDotprompt(*closure, data));
  // The reference doesn't hold variables to the schema.
  prompt::Plan plan = *closure->plan;
  plan.input_schema = nullptr;
  ASSIGN_OR_RETURN(const render::RenderedMessages rendered,
                   render::RenderMessages(*closure, plan, input));
  return json::object{{"rendered", RenderedToDotprompt(*closure, data, rendered)}};
}

std::string AnswerLine(const std::string& line) {
  const absl::StatusOr<json::value> given = ParseJson(line);
  absl::StatusOr<json::object> answer =
      given.ok() ? Answer(given->as_object()) : absl::StatusOr<json::object>(given.status());
  if (answer.ok()) return WriteJson(*answer);
  return WriteJson(json::object{{"failed", json::object{{"reason", ReasonOf(answer.status())},
                                                        {"message", MessageOf(answer.status())}}}});
}

}  // namespace
}  // namespace colophon

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << colophon::AnswerLine(line) << std::endl;
  }
  return 0;
}
