#include "client/cli/import/template_writer.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/template/syntax/helpers.h"
#include "service/template/syntax/js_text.h"

namespace colophon {
namespace {

// Comes between a tag and what would change it; renders to nothing.
constexpr std::string_view kGuard = "{{!}}";

bool BeginsWithSpace(std::string_view text) { return syntax::LeadingSpace(text) > 0; }
bool EndsWithSpace(std::string_view text) { return syntax::TrailingSpace(text) > 0; }

// A block tag before such text would be alone on its line, after such text too.
bool BeginsWithLineBreak(std::string_view text) {
  return text.substr(0, syntax::LeadingSpace(text)).find('\n') != text.npos;
}
bool EndsWithLineBreak(std::string_view text) {
  return text.substr(text.size() - syntax::TrailingSpace(text)).find('\n') != text.npos;
}

size_t TrailingBackslashes(std::string_view text) {
  const size_t last = text.find_last_not_of('\\');
  return text.size() - (last == text.npos ? 0 : last + 1);
}

// "---" after nothing but blank lines and lines that begin with "#".
bool LooksLikeFrontMatter(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.starts_with("---")) return true;
    const bool blank = line.find_first_not_of(" \t") == line.npos;
    if (!blank && !line.starts_with('#')) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

bool IsPlainName(std::string_view name) {
  const bool digit = !name.empty() && name[0] >= '0' && name[0] <= '9';
  return !name.empty() && !digit && std::all_of(name.begin(), name.end(), syntax::IsWordCharacter);
}

bool IsLiteralWord(std::string_view name) {
  for (const std::string_view word : {"true", "false", "null", "undefined", "this", "else", "as"}) {
    if (name == word) return true;
  }
  return false;
}

}  // namespace

std::string VariablePath(std::string_view name) {
  if (syntax::FindHelper(name) != nullptr) return fmt::format("this.{}", name);
  if (IsPlainName(name) && !IsLiteralWord(name)) return std::string(name);
  std::string escaped;
  for (const char c : name) {
    if (c == ']' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return fmt::format("[{}]", escaped);
}

std::string QuotedArgument(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

void TemplateWriter::Text(std::string_view text) {
  if (text.empty()) return;
  if (!pieces_.empty() && pieces_.back().kind == Kind::kText) {
    pieces_.back().text += text;
  } else {
    Add(Kind::kText, std::string(text));
  }
}

void TemplateWriter::Tag(std::string tag) { Add(Kind::kTag, std::move(tag)); }
void TemplateWriter::Open(std::string tag) { Add(Kind::kOpen, std::move(tag)); }
void TemplateWriter::Else(std::string tag) { Add(Kind::kElse, std::move(tag)); }
void TemplateWriter::Close(std::string tag) { Add(Kind::kClose, std::move(tag)); }

void TemplateWriter::Role(std::string_view role) {
  Add(Kind::kMessage, fmt::format("role \"{}\"", role));
}

void TemplateWriter::History() { Add(Kind::kMessage, "history"); }

void TemplateWriter::Variable(std::string_view name) {
  variables_.emplace(name);
  Tag(fmt::format("{{{{{}}}}}", VariablePath(name)));
}

void TemplateWriter::Member(std::string_view name, std::string_view members) {
  variables_.emplace(name);
  Tag(fmt::format("{{{{{}{}}}}}", VariablePath(name), members));
}

void TemplateWriter::Partial(std::string_view name) {
  Tag(fmt::format("{{{{> {}}}}}{}", QuotedArgument(name), kGuard));
}

void TemplateWriter::Media(std::string_view url) {
  Tag(fmt::format("{{{{media url={}}}}}", QuotedArgument(url)));
}

void TemplateWriter::MediaVariable(std::string_view name) {
  variables_.emplace(name);
  Tag(fmt::format("{{{{media url={}}}}}", VariablePath(name)));
}

// On a line of its own where ~ can take the line breaks away again: not beside
// white space of the text, which it would take too, nor at a block's tag, which
// would then be alone on its line.
void TemplateWriter::WriteMessage(size_t i, std::string* out) const {
  const Piece* before = i > 0 ? &pieces_[i - 1] : nullptr;
  const Piece* after = i + 1 < pieces_.size() ? &pieces_[i + 1] : nullptr;
  const auto stands_free = [](const Piece& piece) {
    return piece.kind == Kind::kText || piece.kind == Kind::kTag || piece.kind == Kind::kMessage;
  };
  const bool strips_before = before != nullptr && stands_free(*before) &&
                             !(before->kind == Kind::kText && EndsWithSpace(before->text));
  const bool strips_after =
      after == nullptr ||
      (stands_free(*after) && !(after->kind == Kind::kText && BeginsWithSpace(after->text)));
  if (strips_before && before->kind != Kind::kMessage) *out += "\n\n";
  *out += fmt::format("{{{{{}{}{}}}}}", strips_before ? "~" : "", pieces_[i].text,
                      strips_after ? "~" : "");
  if (strips_after) *out += '\n';
}

void TemplateWriter::WriteText(size_t i, std::string* out) const {
  std::string_view text = pieces_[i].text;
  const bool after_message = i > 0 && pieces_[i - 1].kind == Kind::kMessage;
  const bool after_open =
      i > 0 && (pieces_[i - 1].kind == Kind::kOpen || pieces_[i - 1].kind == Kind::kElse);
  const bool before_close = i + 1 < pieces_.size() && (pieces_[i + 1].kind == Kind::kClose ||
                                                       pieces_[i + 1].kind == Kind::kElse);
  const bool close_guard = before_close && EndsWithLineBreak(text);
  // After "\n\n" of a message's tag nothing is next to it.
  const bool before_tag =
      close_guard ||
      (i + 1 < pieces_.size() && (pieces_[i + 1].kind != Kind::kMessage || EndsWithSpace(text)));
  if ((i > 0 && !after_message && text[0] == '}') || (after_open && BeginsWithLineBreak(text))) {
    *out += kGuard;
  }
  for (size_t open = text.find("{{"); open != text.npos; open = text.find("{{")) {
    const std::string_view before = text.substr(0, open);
    *out += before;
    if (TrailingBackslashes(before) > 0) {
      *out += '\\';
      *out += kGuard;
    }
    *out += "\\{{";
    text.remove_prefix(open + 2);
  }
  *out += text;
  if (before_tag && TrailingBackslashes(text) > 0) *out += '\\';
  if (before_tag && text.ends_with('{')) *out += " {{~!}}";
  if (close_guard) *out += kGuard;
}

std::string TemplateWriter::Body(bool alone) const {
  std::string body;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].kind == Kind::kText) {
      WriteText(i, &body);
    } else if (pieces_[i].kind == Kind::kMessage) {
      WriteMessage(i, &body);
    } else {
      body += pieces_[i].text;
    }
  }
  // Two of them: one comment alone on a line would take the line with it.
  const std::string guard = std::string(kGuard) + std::string(kGuard);
  const bool begins_with_text = !pieces_.empty() && pieces_.front().kind == Kind::kText;
  const bool ends_with_text = !pieces_.empty() && pieces_.back().kind == Kind::kText;
  if (begins_with_text && (alone ? LooksLikeFrontMatter(body) || body.starts_with("\xef\xbb\xbf")
                                 : BeginsWithSpace(body))) {
    body.insert(0, guard);
  }
  if (alone) return body;
  if (ends_with_text && EndsWithSpace(body)) body += guard;
  return body + '\n';
}

}  // namespace colophon
