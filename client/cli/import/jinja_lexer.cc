#include "client/cli/import/jinja_lexer.h"

#include <algorithm>
#include <optional>

#include "fmt/format.h"
#include "service/template/syntax/js_text.h"

namespace colophon {
namespace {

struct TagKind {
  JinjaToken::Kind kind;
  std::string_view open;
  std::string_view close;
};

constexpr TagKind kTags[] = {{JinjaToken::Kind::kValue, "{{", "}}"},
                             {JinjaToken::Kind::kStatement, "{%", "%}"},
                             {JinjaToken::Kind::kComment, "{#", "#}"}};

const TagKind* TagAt(std::string_view text) {
  for (const TagKind& tag : kTags) {
    if (text.starts_with(tag.open)) return &tag;
  }
  return nullptr;
}

// Where the next tag begins; the end when there is none.
size_t FindTag(std::string_view text) {
  for (size_t at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
    if (TagAt(text.substr(at)) != nullptr) return at;
  }
  return text.size();
}

// Where `close` stands outside of quotes; in comments quotes mean nothing.
size_t FindClose(std::string_view text, const TagKind& tag) {
  if (tag.kind == JinjaToken::Kind::kComment) return text.find(tag.close);
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == quote) {
        quote = '\0';
      }
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text.substr(i).starts_with(tag.close)) {
      return i;
    }
  }
  return text.npos;
}

class JinjaLexer {
 public:
  JinjaLexer(std::string_view text, int first_line) : rest_(text), line_(first_line) {}

  absl::StatusOr<std::vector<JinjaToken>> Lex() {
    for (;;) {
      AddText(rest_.substr(0, FindTag(rest_)));
      if (rest_.empty()) return std::move(tokens_);
      RETURN_IF_ERROR(AddTag());
    }
  }

 private:
  void Take(size_t length) {
    const std::string_view taken = rest_.substr(0, length);
    line_ += static_cast<int>(std::count(taken.begin(), taken.end(), '\n'));
    rest_.remove_prefix(length);
  }

  void AddText(std::string_view text) {
    const size_t skipped = strip_next_ ? syntax::LeadingSpace(text) : 0;
    strip_next_ = false;
    if (text.size() > skipped) {
      const std::string_view kept = text.substr(skipped);
      if (!tokens_.empty() && tokens_.back().kind == JinjaToken::Kind::kText) {
        tokens_.back().text += kept;
      } else {
        tokens_.push_back({JinjaToken::Kind::kText, std::string(kept), line_});
      }
    }
    Take(text.size());
  }

  void StripLast() {
    if (tokens_.empty() || tokens_.back().kind != JinjaToken::Kind::kText) return;
    std::string& text = tokens_.back().text;
    text.resize(text.size() - syntax::TrailingSpace(text));
    if (text.empty()) tokens_.pop_back();
  }

  absl::Status AddTag() {
    const TagKind& tag = *TagAt(rest_);
    const int line = line_;
    const size_t close = FindClose(rest_.substr(2), tag);
    if (close == rest_.npos) {
      return JinjaError(line, fmt::format("{} is never closed: add {}", tag.open, tag.close));
    }
    std::string_view inside = rest_.substr(2, close);
    if (inside.starts_with('-')) StripLast();
    strip_next_ = inside.size() > 1 && inside.ends_with('-');
    if (inside.starts_with('-') || inside.starts_with('+')) inside.remove_prefix(1);
    if (inside.ends_with('-') || inside.ends_with('+')) inside.remove_suffix(1);
    const std::string text(syntax::TrimSpace(inside));
    Take(close + 4);
    if (tag.kind == JinjaToken::Kind::kStatement && text == "raw") return AddRaw(line);
    tokens_.push_back({tag.kind, text, line});
    return absl::OkStatus();
  }

  // Text up to {% endraw %}.
  absl::Status AddRaw(int line) {
    for (size_t at = rest_.find("{%"); at != rest_.npos; at = rest_.find("{%", at + 1)) {
      const size_t close = rest_.find("%}", at);
      if (close == rest_.npos) break;
      std::string_view inside = rest_.substr(at + 2, close - at - 2);
      const bool strips_before = inside.starts_with('-');
      const bool strips_after = inside.ends_with('-');
      if (strips_before) inside.remove_prefix(1);
      if (strips_after && !inside.empty()) inside.remove_suffix(1);
      if (syntax::TrimSpace(inside) != "endraw") continue;
      AddText(rest_.substr(0, at));
      if (strips_before) StripLast();
      Take(close + 2 - at);
      strip_next_ = strips_after;
      return absl::OkStatus();
    }
    return JinjaError(line, "{% raw %} is never closed: add {% endraw %}");
  }

  std::string_view rest_;
  int line_;
  bool strip_next_ = false;
  std::vector<JinjaToken> tokens_;
};

}  // namespace

absl::Status JinjaError(int line, std::string_view message) {
  return InvalidArgument("BAD_JINJA", fmt::format("line {}: {}", line, message));
}

absl::StatusOr<std::vector<JinjaToken>> LexJinja(std::string_view text, int first_line) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return JinjaLexer(text, first_line).Lex();
}

std::vector<std::string> JinjaWords(std::string_view text) {
  std::vector<std::string> words;
  while (!(text = syntax::TrimSpace(text)).empty()) {
    size_t length = 1;
    if (syntax::IsWordCharacter(text[0])) {
      while (length < text.size() && syntax::IsWordCharacter(text[length])) ++length;
    } else if (text[0] == '"' || text[0] == '\'') {
      while (length < text.size() && text[length] != text[0])
        length += text[length] == '\\' ? 2 : 1;
      length = std::min(length + 1, text.size());
    } else if (text.starts_with("==") || text.starts_with("!=")) {
      length = 2;
    }
    words.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return words;
}

}  // namespace colophon
