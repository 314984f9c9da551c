#include "client/cli/import/prompty_chat.h"

#include "service/template/syntax/js_text.h"

namespace colophon {
namespace {

// True for m.NAME, m['NAME'] and m["NAME"].
bool IsMember(const JinjaToken& token, const std::string& variable, const std::string& name) {
  std::string path;
  for (const std::string& word : JinjaWords(token.text)) path += word;
  return path == variable + "." + name || path == variable + "['" + name + "']" ||
         path == variable + "[\"" + name + "\"]";
}

}  // namespace

std::optional<RoleLine> ParseRoleLine(std::string_view line) {
  line = syntax::TrimSpace(line);
  if (line.starts_with('#')) line = syntax::TrimSpace(line.substr(1));
  if (!line.ends_with(':')) return std::nullopt;
  line = syntax::TrimSpace(line.substr(0, line.size() - 1));
  RoleLine found;
  if (const size_t bracket = line.find('['); bracket != line.npos && line.ends_with(']')) {
    found.has_arguments = true;
    line = line.substr(0, bracket);
  }
  found.role = line;
  for (char& c : found.role) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const char* role : {"assistant", "function", "system", "user", "tools"}) {
    if (found.role == role) return found;
  }
  return std::nullopt;
}

size_t HistoryLoopEnd(const std::vector<JinjaToken>& tokens, size_t at) {
  const std::vector<std::string> words = JinjaWords(tokens[at].text);
  if (words.size() != 4 || words[0] != "for" || words[2] != "in") return 0;
  std::string shape;  // Its text, with R for a role and C for a content.
  size_t end = at + 1;
  for (; end < tokens.size() && tokens[end].kind != JinjaToken::Kind::kStatement; ++end) {
    if (tokens[end].kind == JinjaToken::Kind::kText) {
      shape += tokens[end].text;
    } else if (IsMember(tokens[end], words[1], "role")) {
      shape += 'R';
    } else if (IsMember(tokens[end], words[1], "content")) {
      shape += 'C';
    } else {
      return 0;
    }
  }
  if (end == tokens.size() || tokens[end].text != "endfor") return 0;
  const size_t colon = shape.find(':');
  if (colon == shape.npos || syntax::TrimSpace(std::string_view(shape).substr(0, colon)) != "R")
    return 0;
  const std::string_view after = std::string_view(shape).substr(colon + 1);
  const bool has_break = after.substr(0, after.find('C')).find('\n') != after.npos;
  return syntax::TrimSpace(after) == "C" && has_break ? end : 0;
}

}  // namespace colophon
