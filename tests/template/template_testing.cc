#include "tests/template/template_testing.h"

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "service/base/json.h"
#include "service/template/prompt/closure_loader.h"

namespace colophon {

std::string Loaded::Text() const {
  std::string text;
  for (const auto& diagnostic : diagnostics) text += FormatDiagnostic(diagnostic) + "\n";
  return text;
}

std::string Loaded::Codes() const {
  std::string text;
  for (const auto& diagnostic : diagnostics) {
    text += fmt::format("{}{}:{} {}", text.empty() ? "" : "\n", diagnostic.line(),
                        diagnostic.column(), diagnostic.code());
  }
  return text;
}

Loaded LoadTree(const std::string& path, const Tree& tree) {
  Loaded loaded;
  const prompt::ReadFile read = [&](const std::string& name) -> std::optional<std::string> {
    const auto file = tree.find(name);
    if (file == tree.end()) return std::nullopt;
    return file->second;
  };
  auto closure = prompt::LoadClosure(path, read, &loaded.diagnostics);
  EXPECT_TRUE(closure.ok()) << closure.status();
  if (closure.ok()) loaded.closure = *closure;
  return loaded;
}

Loaded LoadPrompt(std::string_view text, const std::map<std::string, std::string>& partials) {
  Tree tree = {{"p.prompt", std::string(text)}};
  for (const auto& [name, content] : partials) tree["_" + name + ".prompt"] = content;
  return LoadTree("p.prompt", tree);
}

boost::json::object Object(std::string_view text) {
  const auto value = ParseJson(text);
  EXPECT_TRUE(value.ok() && value->is_object()) << text;
  return value.ok() && value->is_object() ? value->get_object() : boost::json::object();
}

absl::StatusOr<v1::Rendered> RenderText(std::string_view text, std::string_view variables,
                                        const std::map<std::string, std::string>& partials,
                                        const render::Limits& limits) {
  const Loaded loaded = LoadPrompt(text, partials);
  if (!loaded.closure) return DiagnosticsToStatus(loaded.diagnostics);
  render::Input input;
  input.variables = Object(variables);
  return render::Render(*loaded.closure, input, limits);
}

std::string Describe(const absl::StatusOr<v1::Rendered>& rendered) {
  if (!rendered.ok()) return "!" + ReasonOf(rendered.status());
  if (rendered->messages_size() == 1 && rendered->messages(0).role() == v1::ROLE_USER &&
      rendered->messages(0).parts_size() == 1 && rendered->messages(0).parts(0).has_text()) {
    return rendered->messages(0).parts(0).text();
  }
  std::string out;
  for (const v1::Message& message : rendered->messages()) {
    std::string role = v1::Role_Name(message.role()).substr(5);
    for (char& c : role) c = static_cast<char>(tolower(c));
    out +=
        fmt::format("{}{}{}: ", out.empty() ? "" : "\n", role, message.from_history() ? "*" : "");
    for (int i = 0; i < message.parts_size(); ++i) {
      const v1::Part& part = message.parts(i);
      if (i > 0) out += "|";
      if (part.has_text()) out += part.text();
      if (part.has_media()) {
        out += fmt::format("<{} {}>", part.media().url(), part.media().content_type());
      }
      if (part.part_case() == v1::Part::kSection) out += fmt::format("[{}]", part.section());
    }
  }
  return out;
}

std::string Output(std::string_view text, std::string_view variables,
                   const std::map<std::string, std::string>& partials) {
  return Describe(RenderText(text, variables, partials));
}

void CheckHandlebars(const HandlebarsCase& test) {
  render::Input input;
  input.variables = Object(test.variables);
  input.context = Object(R"({"auth":{"email":"a@b"},"zero":0})");
  const Loaded loaded = LoadPrompt(test.text, test.partials);
  ASSERT_TRUE(loaded.closure) << loaded.Text() << test.text;
  const bool blank =
      std::string_view(test.output).find_first_not_of(" \n\t\r") == std::string_view::npos;
  EXPECT_EQ(Describe(render::Render(*loaded.closure, input)), blank ? "!EMPTY_PROMPT" : test.output)
      << test.text;
}

}  // namespace colophon
