#include <algorithm>

#include "client/cli/export/formats.h"
#include "client/cli/record_text.h"
#include "client/cli/score_text.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/message_parts.h"

namespace colophon {
namespace {

// promptfoo takes values for templates of their own.
std::string Untemplated(std::string_view text) {
  const auto has = [text](std::string_view mark) { return text.find(mark) != text.npos; };
  if (!has("{{") && !has("{%") && !has("{#")) return std::string(text);
  return fmt::format("{{% raw %}}{}{{% endraw %}}", text);
}

json::value Untemplated(const json::value& value) {
  if (const auto* const text = value.if_string())
    return json::value(JsonText(Untemplated(View(*text))));
  if (const auto* const list = value.if_array()) {
    json::array items;
    for (const json::value& item : *list) items.push_back(Untemplated(item));
    return items;
  }
  if (const auto* const object = value.if_object()) {
    json::object members;
    for (const auto& member : *object) members[member.key()] = Untemplated(member.value());
    return members;
  }
  return value;
}

// JSON is YAML but for characters that YAML wants written as escapes; they stand in its
// strings only.
std::string Yaml(const json::value& value) {
  std::string yaml;
  const std::string text = WriteJson(value);
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
    };
    if (byte(i) == 0x7f) {
      yaml += "\\u007f";
    } else if (byte(i) == 0xc2 && byte(i + 1) < 0xa0) {  // U+0080 to U+009F.
      yaml += fmt::format("\\u{:04x}", byte(++i));
    } else if (byte(i) == 0xe2 && byte(i + 1) == 0x80 && (byte(i + 2) & 0xfe) == 0xa8) {
      yaml += byte(i + 2) == 0xa8 ? "\\u2028" : "\\u2029";
      i += 2;
    } else if (byte(i) == 0xef && byte(i + 1) == 0xbf && byte(i + 2) >= 0xbe) {
      yaml += byte(i + 2) == 0xbe ? "\\ufffe" : "\\uffff";
      i += 2;
    } else if (byte(i) == 0xef && byte(i + 1) == 0xbb && byte(i + 2) == 0xbf) {
      yaml += "\\ufeff";
      i += 2;
    } else {
      yaml += text[i];
    }
  }
  return yaml;
}

}  // namespace

absl::StatusOr<std::string> WritePromptfooCase(const v1::ExportedRecord& exported) {
  const v1::Record& record = exported.record();
  json::object variables;
  if (!record.intent().variables_json().empty()) {
    ASSIGN_OR_RETURN(const json::value given, ParseJson(record.intent().variables_json()));
    variables = Untemplated(given).get_object();
  }
  std::string yaml = fmt::format("- description: {}\n  vars:{}\n",
                                 Yaml(json::value(JsonText("record " + record.id()))),
                                 variables.empty() ? " {}" : "");
  for (const auto& member : variables) {
    yaml += fmt::format("    {}: {}\n", Yaml(json::value(member.key())), Yaml(member.value()));
  }
  // Else each element of a list would be a case of its own.
  const bool has_list = std::any_of(variables.begin(), variables.end(),
                                    [](const auto& member) { return member.value().is_array(); });
  if (has_list) yaml += "  options: {disableVarExpansion: true}\n";
  json::object metadata{{"record", record.id()}, {"version", VersionOf(record.intent())}};
  const std::string output = TextOfParts(record.outcome().completion().message());
  if (!output.empty()) metadata["output"] = output;
  const std::string scores = FormatScores(record);
  if (!scores.empty()) metadata["scores"] = scores;
  yaml += "  metadata:\n";
  for (const auto& member : metadata) {
    yaml += fmt::format("    {}: {}\n", View(member.key()), Yaml(member.value()));
  }
  return yaml;
}

}  // namespace colophon
