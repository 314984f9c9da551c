#include "service/template/prompt/front_matter.h"

#include "fmt/format.h"
#include "service/template/syntax/js_text.h"

namespace colophon::prompt {
namespace {

struct Line {
  std::string_view text;  // Without its line break.
  size_t end = 0;         // Where the next line begins.
  bool complete = false;  // It has a line break.
};

Line LineAt(std::string_view text, size_t begin) {
  const size_t end = text.find_first_of("\r\n", begin);
  if (end == text.npos) return {text.substr(begin), text.size(), false};
  const bool crlf = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
  return {text.substr(begin, end - begin), end + (crlf ? 2 : 1), true};
}

// "---" and white space.
bool IsDelimiter(std::string_view line) {
  return line.starts_with("---") && syntax::IsBlank(line.substr(3));
}

// Where the opening "---" begins; npos: there is none.
size_t FindOpening(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Line line = LineAt(text, at);
    if (IsDelimiter(line.text)) return at;
    const bool blank = line.text.find_first_not_of(" \t") == line.text.npos;
    if (!line.complete || !(line.text.starts_with('#') || blank)) return text.npos;
    at = line.end;
  }
  return text.npos;
}

}  // namespace

std::optional<SplitFile> SplitFrontMatter(std::string_view text, DiagnosticSink* sink) {
  SplitFile split;
  const size_t opening = FindOpening(text);
  if (opening == text.npos) {
    split.body = text;
    split.body_start = {1, 1};
    return split;
  }
  const Position start = syntax::PositionAt(text, opening);
  const size_t begin = LineAt(text, opening).end;
  for (size_t at = begin; at < text.size();) {
    const Line line = LineAt(text, at);
    if (IsDelimiter(line.text)) {
      if (!line.complete) {
        sink->Error(
            syntax::PositionAt(text, at), "BAD_FRONT_MATTER",
            "the front matter's closing --- is the end of the file: end it with a line break");
        return std::nullopt;
      }
      const std::string_view yaml = text.substr(begin, at - begin);
      if (syntax::IsBlank(yaml)) {
        sink->Error(start, "BAD_FRONT_MATTER",
                    "the front matter is empty: write a key such as \"model: openai/gpt-4o-mini\", "
                    "or remove both --- lines");
        return std::nullopt;
      }
      // Without the line break before the closing line.
      split.yaml = yaml.substr(0, yaml.size() - (yaml.ends_with("\r\n") ? 2 : 1));
      split.yaml_line = start.line + 1;
      const std::string_view rest = text.substr(line.end);
      split.body = syntax::TrimSpace(rest);
      split.body_start = syntax::PositionAt(text, line.end + syntax::LeadingSpace(rest));
      return split;
    }
    at = line.end;
  }
  sink->Error(start, "BAD_FRONT_MATTER",
              "the front matter that begins here has no end: close it with a line ---, or write "
              "another line before this one when it is text");
  return std::nullopt;
}

void AddFrontMatter(const FrontMatter& added, FrontMatter* matter) {
  const auto has = [&](const char* key) { return added.raw.contains(key); };
  if (has("model")) matter->model = added.model;
  for (const auto& member : added.config) matter->config[member.key()] = member.value();
  if (has("input")) {
    matter->input_default = added.input_default;
    matter->input_schema = added.input_schema;
  }
  if (has("output")) {
    matter->output_format = added.output_format;
    matter->output_schema = added.output_schema;
  }
  if (has("tools")) matter->tools = added.tools;
  if (has("toolDefs")) matter->tool_definitions = added.tool_definitions;
  if (has("description")) matter->description = added.description;
  if (has("variant")) matter->variant = added.variant;
  matter->added = added.raw;
}

}  // namespace colophon::prompt
