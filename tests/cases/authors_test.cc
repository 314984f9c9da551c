// What authors and other stores' exports bring, by the command line as it is used.

#include <algorithm>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/template/syntax/js_text.h"
#include "tests/cases/cases.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

std::vector<std::string> Missing(const std::vector<std::string>& words, const std::string& text) {
  std::vector<std::string> missing;
  for (const std::string& word : words) {
    if (text.find(word) == std::string::npos) missing.push_back(word);
  }
  return missing;
}

class AuthorCasesTest : public CliTest {
 protected:
  // Each case's repository is its own.
  std::string NewRepository() {
    const std::string name = fmt::format("case{}", ++repositories_);
    RunOk("init " + name);
    return name;
  }

  std::string CompareImport(const json::object& want, const std::string& repository, bool failed,
                            const std::string& report);
  std::string ComparePrompt(const std::string& repository, const std::string& prompt,
                            const json::object& want);
  std::string CompareFindings(const json::object& want, const json::array& got);
  std::string RunPrompt(const FieldCase& field_case);

  int repositories_ = 0;
};

// [["user", "Hello Ada"], …]; white space at their ends aside.
json::array MessagesOf(const json::object& response) {
  json::array messages;
  const json::value& list = At(At(response, "rendered").as_object(), "messages");
  for (const json::value& message : list.as_array()) {
    std::string text;
    for (const json::value& part : message.at("parts").as_array()) {
      text += TextAt(part.as_object(), "text");
    }
    std::string role = TextAt(message.as_object(), "role").substr(5);
    std::transform(role.begin(), role.end(), role.begin(), [](char c) { return tolower(c); });
    messages.push_back(json::array{json::string(role), JsonText(syntax::TrimSpace(text))});
  }
  return messages;
}

std::string AuthorCasesTest::ComparePrompt(const std::string& repository, const std::string& prompt,
                                           const json::object& want) {
  const std::string name = fmt::format("{}/{}", repository, prompt);
  std::string difference;
  if (want.contains("versions")) {
    const std::string lines = Run("versions " + name);
    const auto count = std::count(lines.begin(), lines.end(), '\n');
    if (count != want.at("versions").as_int64()) {
      difference += fmt::format("\n    {} has {} versions: {}", name, count, lines);
    }
  }
  if (!want.contains("messages") && !want.contains("tools")) return difference;
  WriteFile(dir_ / "variables.json", WriteJson(At(want, "variables")));
  const std::string output =
      Run(fmt::format("render {}@latest --data variables.json --json", name));
  const auto rendered = ParseJson(output);
  if (!rendered.ok())
    return difference + fmt::format("\n    render {}: {}{}", name, output, errors_);
  if (want.contains("messages")) {
    const json::array got = MessagesOf(rendered->as_object());
    if (json::value(got) != want.at("messages")) {
      difference += fmt::format("\n    {} renders {}", name, WriteJson(got));
    }
  }
  for (const std::string& tool : TextsAt(want, "tools")) {
    if (WriteJson(*rendered).find("\"name\":\"" + tool + "\"") == std::string::npos) {
      difference += fmt::format("\n    {} has no tool {}", name, tool);
    }
  }
  return difference;
}

std::string AuthorCasesTest::CompareImport(const json::object& want, const std::string& repository,
                                           bool failed, const std::string& report) {
  std::string difference;
  for (const std::string& word : Missing(TextsAt(want, "report_contains"), report)) {
    difference += fmt::format("\n    not in the report: {}", word);
  }
  for (const std::string& word : Missing(TextsAt(want, "error_contains"), report)) {
    difference += fmt::format("\n    not in the errors: {}", word);
  }
  if (want.contains("refused") && !failed) difference += "\n    it is not refused";
  if (want.contains("published") || want.contains("prompts")) {
    const std::string list = Run("list " + repository);
    const auto count = std::count(list.begin(), list.end(), '\n');
    const bool none = want.contains("published") || want.at("prompts").as_object().empty();
    if (none && count != 0) difference += "\n    something is published: " + list;
  }
  if (want.contains("prompts")) {
    for (const auto& member : want.at("prompts").as_object()) {
      difference +=
          ComparePrompt(repository, std::string(member.key()), member.value().as_object());
    }
  }
  if (!want.contains("labels")) return difference;
  for (const auto& member : want.at("labels").as_object()) {
    const std::string label = fmt::format("{}/{}", repository, std::string_view(member.key()));
    const std::string line = Run("label " + label);
    if (line.find(fmt::format("\tv{}\t", member.value().as_int64())) == std::string::npos) {
      difference += fmt::format("\n    {}: {}{}", label, line, errors_);
    }
  }
  return difference;
}

TEST_F(AuthorCasesTest, Imports) {
  std::vector<std::string> wrong;
  const std::vector<FieldCase> cases = CasesIn("import");
  for (const FieldCase& field_case : cases) {
    const std::string repository = NewRepository();
    const std::string output = Run(fmt::format("import {} -r {}", field_case.input, repository));
    const std::string report = output + errors_;
    const bool failed = code_ != 0;
    std::vector<std::string> differences;
    json::array wants = {field_case.expect};
    if (field_case.expect.contains("either")) wants = field_case.expect.at("either").as_array();
    for (const json::value& want : wants) {
      differences.push_back(CompareImport(want.as_object(), repository, failed, report));
    }
    if (std::find(differences.begin(), differences.end(), "") == differences.end()) {
      wrong.push_back(fmt::format("  {}{}\n    report: {}", field_case.name,
                                  fmt::join(differences, "\n    or"), report));
    }
  }
  Report("import", cases.size(), wrong);
}

std::string AuthorCasesTest::CompareFindings(const json::object& want, const json::array& got) {
  std::string difference;
  std::set<size_t> met;
  for (const json::value& finding : At(want, "findings").as_array()) {
    const json::object& wanted = finding.as_object();
    bool found = false;
    for (size_t i = 0; i < got.size(); ++i) {
      const json::object& diagnostic = got[i].as_object();
      const json::array& lines = wanted.at("lines").as_array();
      const std::string severity = TextAt(wanted, "severity");
      const bool is_error = TextAt(diagnostic, "severity") == "SEVERITY_ERROR";
      if (std::find(lines.begin(), lines.end(), At(diagnostic, "line")) == lines.end() ||
          (severity == "error" && !is_error) || (severity == "warning" && is_error) ||
          !Missing(TextsAt(wanted, "contains"), TextAt(diagnostic, "message")).empty()) {
        continue;
      }
      found = true;
      met.insert(i);
    }
    if (!found) difference += "\n    no finding as " + WriteJson(finding);
  }
  if (want.contains("only") && met.size() < got.size()) difference += "\n    there are others";
  return difference;
}

std::string AuthorCasesTest::RunPrompt(const FieldCase& field_case) {
  const std::string output = Run(fmt::format("check {} --json", field_case.input));
  const auto checked = ParseJson(output.substr(0, output.find('\n')));
  if (!checked.ok()) return "\n    " + output + errors_;
  std::string difference =
      CompareFindings(field_case.expect, At(checked->as_object(), "diagnostics").as_array());
  const json::value& publishes = At(field_case.expect, "publishes");
  const std::string repository = NewRepository();
  Run(fmt::format("publish {} -r {} -m try", field_case.input, repository));
  if (publishes.is_bool() && publishes.get_bool() != (code_ == 0)) {
    difference += "\n    publish: " + errors_;
  }
  return difference.empty() ? "" : difference + "\n    check: " + output;
}

TEST_F(AuthorCasesTest, Prompts) {
  std::vector<std::string> wrong;
  const std::vector<FieldCase> cases = CasesIn("prompt");
  for (const FieldCase& field_case : cases) {
    const std::string difference = RunPrompt(field_case);
    if (!difference.empty()) wrong.push_back(fmt::format("  {}{}", field_case.name, difference));
  }
  Report("prompt", cases.size(), wrong);
}

// Those of request/ that `check` has to say something of.
TEST_F(AuthorCasesTest, RequestsThatAreFound) {
  std::vector<std::string> wrong;
  std::vector<FieldCase> cases = CasesIn("request");
  std::erase_if(cases, [](const FieldCase& one) { return !one.expect.contains("findings"); });
  for (const FieldCase& field_case : cases) {
    const std::string difference = RunPrompt(field_case);
    if (!difference.empty()) wrong.push_back(fmt::format("  {}{}", field_case.name, difference));
  }
  Report("request", cases.size(), wrong);
}

}  // namespace
}  // namespace colophon
