#include "client/cli/import/jinja.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "client/cli/import/import_common.h"
#include "client/cli/import/jinja_lexer.h"
#include "client/cli/import/prompty_chat.h"
#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/helpers.h"
#include "service/template/syntax/js_text.h"

namespace colophon {
namespace {

using Kind = JinjaToken::Kind;
using Words = std::vector<std::string>;

// Blocks may be nested so deep.
constexpr size_t kMaxDepth = 64;

bool IsName(std::string_view word) {
  return !word.empty() && syntax::IsWordCharacter(word[0]) && !(word[0] >= '0' && word[0] <= '9');
}

bool IsWhole(std::string_view word) {
  return !word.empty() && word.size() < 16 && word.find_first_not_of("0123456789") == word.npos;
}

// Without its quotes; nullopt for what isn't a whole string, or has escapes.
std::optional<std::string> StringOf(std::string_view word) {
  if (word.size() < 2 || (word[0] != '"' && word[0] != '\'') || word.back() != word[0] ||
      word.find('\\') != word.npos) {
    return std::nullopt;
  }
  return std::string(word.substr(1, word.size() - 2));
}

class JinjaConverter {
 public:
  JinjaConverter(std::vector<JinjaToken> tokens, const JinjaOptions& options)
      : tokens_(std::move(tokens)), options_(options) {}

  absl::StatusOr<JinjaResult> Convert() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) RETURN_IF_ERROR(ConvertToken(tokens_[at_]));
    if (!blocks_.empty()) {
      return JinjaError(blocks_.back().line,
                        fmt::format("{{% {} %}} is never closed", blocks_.back().word));
    }
    return std::move(result_);
  }

 private:
  struct Block {
    std::string word;      // "if", "for"
    std::string helper;    // What closes it: "if", "unless", "each" …
    std::string variable;  // Of a loop.
    int line = 0;
    bool has_else = false;
  };

  absl::Status ConvertToken(const JinjaToken& token) {
    switch (token.kind) {
      case Kind::kText:
        return AddText(token);
      case Kind::kComment:
        AddComment(token.text);
        return absl::OkStatus();
      case Kind::kValue:
        return AddValue(token);
      case Kind::kStatement:
        return AddStatement(token);
    }
    return absl::OkStatus();
  }

  // Its line break is text, which a comment alone on its line would take.
  void AddComment(const std::string& text) {
    const bool fits =
        text.find("--}}") == text.npos && !text.ends_with('-') && text.find("--~}}") == text.npos;
    if (fits) result_.body.Tag(fmt::format("{{{{!-- {} --}}}}{{{{!}}}}", text));
  }

  // --- Text and messages

  void Begin() {
    if (!begun_ && options_.roles) result_.body.Role("system");
    begun_ = true;
  }

  absl::Status CheckAfterHistory(const JinjaToken& token) const {
    if (!after_history_) return absl::OkStatus();
    return JinjaError(token.line,
                      "something follows the history here without a line such as \"user:\" "
                      "before it: add one");
  }

  // Literal text of the current message.
  absl::Status Flush(const JinjaToken& token, std::string* pending) {
    std::string text = std::exchange(*pending, "");
    if (syntax::IsBlank(text) && (after_history_ || (!begun_ && options_.roles)))
      return absl::OkStatus();
    if (text.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(CheckAfterHistory(token));
    Begin();
    if (options_.roles && text.find("![") != text.npos && text.find("](") != text.npos) {
      Note(
          fmt::format("line {}: an image as ![text](url) stays text: write {{{{media url=\"…\"}}}} "
                      "in its place",
                      token.line));
    }
    result_.body.Text(text);
    return absl::OkStatus();
  }

  // Whole lines may begin a message; the line break before such a line and its
  // own belong to no message.
  absl::Status AddText(const JinjaToken& token) {
    const bool is_last = at_ + 1 == tokens_.size();
    std::string_view rest = token.text;
    std::string pending;
    // The line begins in this text.
    bool whole =
        std::all_of(tokens_.begin(), tokens_.begin() + static_cast<ptrdiff_t>(at_),
                    [](const JinjaToken& before) { return before.kind == Kind::kComment; });
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      const bool complete = end != rest.npos || is_last;
      const std::string_view line = rest.substr(0, end);
      const std::string_view taken = rest.substr(0, end == rest.npos ? rest.size() : end + 1);
      const bool thread = options_.roles && syntax::TrimSpace(line).starts_with("![thread]");
      const auto role = options_.roles ? ParseRoleLine(line) : std::nullopt;
      const bool beside_block = (!whole && tokens_[at_ - 1].kind != Kind::kValue) ||
                                (!complete && tokens_[at_ + 1].kind != Kind::kValue);
      if ((role || thread) && whole && complete) {
        if (pending.ends_with('\n')) pending.pop_back();
        RETURN_IF_ERROR(Flush(token, &pending));
        if (thread) {
          AddHistory();
        } else {
          RETURN_IF_ERROR(AddRole(token, *role));
        }
      } else if ((role || thread) && beside_block) {
        return JinjaError(token.line,
                          fmt::format("{} and a {{% … %}} share a line: give the role a "
                                      "line of its own",
                                      Quote(syntax::TrimSpace(line))));
      } else {
        pending += taken;
      }
      rest.remove_prefix(taken.size());
      whole = true;
    }
    // The lines of a chat are joined again, so the break at the end of all, or
    // before a line that is the history, belongs to none.
    const bool drops_break = (is_last && options_.roles) || IsHistoryValue(at_ + 1);
    if (drops_break && pending.ends_with('\n')) pending.pop_back();
    return Flush(token, &pending);
  }

  absl::Status AddRole(const JinjaToken& token, const RoleLine& line) {
    const std::string_view ours = OurRole(line.role);
    if (ours.empty()) {
      return JinjaError(token.line,
                        fmt::format("no template can write a message of the role {}: there are "
                                    "system, user and assistant",
                                    Quote(line.role)));
    }
    if (line.has_arguments) {
      Note(
          fmt::format("line {}: what stands in brackets after {} is left out: a message has a "
                      "role and a content",
                      token.line, Quote(line.role)));
    }
    begun_ = true;
    after_history_ = false;
    result_.body.Role(ours);
    return absl::OkStatus();
  }

  void AddHistory() {
    begun_ = true;
    after_history_ = true;
    result_.body.History();
  }

  // --- Values

  absl::Status AddValue(const JinjaToken& token) {
    Words words = JinjaWords(token.text);
    if (words.size() > 2 && words[words.size() - 2] == "|" && words.back() == "safe") {
      words.resize(words.size() - 2);
    }
    if (IsHistoryValue(at_)) {
      result_.history.insert(token.text);
      AddHistory();
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(CheckAfterHistory(token));
    if (words.size() == 1 && (StringOf(words[0]) || IsWhole(words[0]))) {
      Begin();
      result_.body.Text(StringOf(words[0]).value_or(words[0]));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const std::string path, PathOf(words, token));
    Begin();
    if (words.size() == 1 && LoopOf(words[0]) == nullptr) result_.printed.insert(words[0]);
    result_.body.Tag(fmt::format("{{{{{}}}}}", path));
    return absl::OkStatus();
  }

  // {{conversation}}, of an input that is one.
  bool IsHistoryValue(size_t at) const {
    return at < tokens_.size() && tokens_[at].kind == Kind::kValue &&
           options_.history_inputs.count(tokens_[at].text) > 0;
  }

  const Block* LoopOf(std::string_view name) const {
    for (size_t i = blocks_.size(); i-- > 0;) {
      // In the {{else}} of a loop its variable isn't there.
      if (blocks_[i].word == "for" && !blocks_[i].has_else && blocks_[i].variable == name) {
        return &blocks_[i];
      }
    }
    return nullptr;
  }

  const Block* InnerLoop() const {
    for (size_t i = blocks_.size(); i-- > 0;) {
      if (blocks_[i].word == "for" && !blocks_[i].has_else) return &blocks_[i];
    }
    return nullptr;
  }

  // The Handlebars path of all the words.
  absl::StatusOr<std::string> PathOf(const Words& words, const JinjaToken& token) {
    if (words.empty() || !IsName(words[0])) return Refuse(token, "is no path of names");
    const std::string& name = words[0];
    for (const char* word : {"true", "True", "false", "False", "none", "None", "self", "not"}) {
      if (name == word)
        return Refuse(token, fmt::format("has {} where a variable should be", name));
    }
    if (name == "loop" && LoopOf(name) == nullptr && InnerLoop() != nullptr) {
      return LoopValue(words, token);
    }
    std::string path = name;
    if (LoopOf(name) == nullptr) {
      path = InnerLoop() != nullptr ? fmt::format("@root.{}", Segment(name)) : VariablePath(name);
      result_.body.Uses(name);
    }
    size_t i = 1;
    while (i < words.size()) {
      if (words[i] == "." && i + 1 < words.size() &&
          (IsName(words[i + 1]) || IsWhole(words[i + 1]))) {
        path += "." + Segment(words[i + 1]);
        i += 2;
        continue;
      }
      const bool index = words[i] == "[" && i + 2 < words.size() && words[i + 2] == "]";
      const std::optional<std::string> key = index ? StringOf(words[i + 1]) : std::nullopt;
      if (!index || (!(key && !key->empty()) && !IsWhole(words[i + 1]))) {
        return Refuse(token, Reason(words, i));
      }
      path += "." + Segment(key.value_or(words[i + 1]));
      i += 3;
    }
    return path;
  }

  absl::StatusOr<std::string> LoopValue(const Words& words, const JinjaToken& token) {
    if (words.size() == 3 && words[1] == ".") {
      if (words[2] == "index0") return std::string("@index");
      if (words[2] == "first") return std::string("@first");
      if (words[2] == "last") return std::string("@last");
    }
    return Refuse(token,
                  "asks the loop for what Handlebars doesn't know: there are loop.index0, "
                  "loop.first and loop.last");
  }

  // A step of a path, in brackets where it isn't a plain name.
  static std::string Segment(const std::string& name) {
    std::string path = VariablePath(name);
    return path.starts_with("this.") ? name : path;
  }

  static std::string Reason(const Words& words, size_t i) {
    if (words[i] == "|") {
      return fmt::format(
          "has the filter {}: do in the app what it does, and give the result as a "
          "variable",
          i + 1 < words.size() ? words[i + 1] : "");
    }
    if (words[i] == "(") return "calls a function, which Handlebars doesn't";
    return fmt::format("has {} after a path, which no tag of Handlebars can compute", words[i]);
  }

  static absl::Status Refuse(const JinjaToken& token, std::string_view why) {
    const bool value = token.kind == Kind::kValue;
    return JinjaError(token.line, fmt::format("{} {} {} {}", value ? "{{" : "{%", token.text,
                                              value ? "}}" : "%}", why));
  }

  // --- Statements

  absl::Status AddStatement(const JinjaToken& token) {
    const Words words = JinjaWords(token.text);
    const std::string word = words.empty() ? "" : words[0];
    const Words rest(words.begin() + (words.empty() ? 0 : 1), words.end());
    const size_t history_end = options_.roles ? HistoryLoopEnd(tokens_, at_) : 0;
    if (history_end > 0) {
      TakeHistoryLoop(rest, history_end);
      return absl::OkStatus();
    }
    Begin();
    if (word == "if") return OpenIf(token, rest);
    if (word == "for") return OpenFor(token, rest);
    if (word == "elif") return ElseIf(token, rest);
    if (word == "else" && rest.empty()) return Else(token);
    if ((word == "endif" || word == "endfor") && rest.empty()) return End(token, word.substr(3));
    return Refuse(token, "can't be converted: only if, elif, else, for and raw can");
  }

  absl::Status CheckDepth(const JinjaToken& token) const {
    return blocks_.size() < kMaxDepth
               ? absl::OkStatus()
               : Refuse(token, fmt::format("is inside of {} others, which is too deep", kMaxDepth));
  }

  absl::Status OpenIf(const JinjaToken& token, const Words& test) {
    RETURN_IF_ERROR(CheckDepth(token));
    ASSIGN_OR_RETURN(const std::string call, TestOf(test, token));
    result_.body.Open(fmt::format("{{{{#{}}}}}", call));
    blocks_.push_back({"if", call.substr(0, call.find(' ')), "", token.line, false});
    return absl::OkStatus();
  }

  absl::Status ElseIf(const JinjaToken& token, const Words& test) {
    if (blocks_.empty() || blocks_.back().word != "if" || blocks_.back().has_else) {
      return Refuse(token, "has no if before it");
    }
    ASSIGN_OR_RETURN(const std::string call, TestOf(test, token));
    result_.body.Else(fmt::format("{{{{else {}}}}}", call));
    return absl::OkStatus();
  }

  absl::Status OpenFor(const JinjaToken& token, const Words& words) {
    RETURN_IF_ERROR(CheckDepth(token));
    if (words.size() < 3 || !IsName(words[0]) || words[1] != "in") {
      return Refuse(token, "is no loop that can be converted: write for NAME in PATH");
    }
    const std::string& variable = words[0];
    if (syntax::FindHelper(variable) != nullptr || Segment(variable) != variable ||
        variable == "loop") {
      return Refuse(token, fmt::format("names its variable {}, which means something else in "
                                       "Handlebars: give it another name",
                                       variable));
    }
    const Words list(words.begin() + 2, words.end());
    ASSIGN_OR_RETURN(const std::string path, PathOf(list, token));
    if (LoopOf(list[0]) == nullptr) result_.tested.insert(list[0]);
    result_.body.Open(fmt::format("{{{{#each {} as |{}|}}}}", path, variable));
    blocks_.push_back({"for", "each", variable, token.line, false});
    return absl::OkStatus();
  }

  absl::Status Else(const JinjaToken& token) {
    if (blocks_.empty() || blocks_.back().has_else) return Refuse(token, "has no if before it");
    blocks_.back().has_else = true;
    result_.body.Else("{{else}}");
    return absl::OkStatus();
  }

  absl::Status End(const JinjaToken& token, const std::string& word) {
    if (blocks_.empty() || blocks_.back().word != word) {
      return Refuse(token, fmt::format("closes no {}", word));
    }
    result_.body.Close(fmt::format("{{{{/{}}}}}", blocks_.back().helper));
    blocks_.pop_back();
    return absl::OkStatus();
  }

  // "if path", "unless path", "ifEquals path 3", "unlessEquals path \"a\""
  absl::StatusOr<std::string> TestOf(const Words& words, const JinjaToken& token) {
    const bool negated = !words.empty() && words[0] == "not";
    Words path(words.begin() + (negated ? 1 : 0), words.end());
    std::string literal;
    std::string compare;
    if (path.size() > 2 && (path[path.size() - 2] == "==" || path[path.size() - 2] == "!=")) {
      compare = path[path.size() - 2];
      ASSIGN_OR_RETURN(literal, LiteralOf(path.back(), token));
      path.resize(path.size() - 2);
    }
    for (const std::string& word : path) {
      if (word == "and" || word == "or" || word == "is" || word == "in") {
        return Refuse(token,
                      fmt::format("has \"{}\", which no block of Handlebars asks: put one if "
                                  "into another, or give the answer as a variable",
                                  word));
      }
    }
    ASSIGN_OR_RETURN(const std::string ours, PathOf(path, token));
    if (LoopOf(path[0]) == nullptr) result_.tested.insert(path[0]);
    if (compare.empty()) return fmt::format("{} {}", negated ? "unless" : "if", ours);
    const bool equal = (compare == "==") != negated;
    return fmt::format("{} {} {}", equal ? "ifEquals" : "unlessEquals", ours, literal);
  }

  absl::StatusOr<std::string> LiteralOf(const std::string& word, const JinjaToken& token) {
    if (const auto text = StringOf(word)) return QuotedArgument(*text);
    if (IsWhole(word)) return word;
    if (word == "true" || word == "True") return std::string("true");
    if (word == "false" || word == "False") return std::string("false");
    return Refuse(token,
                  "compares with what is neither text without a backslash nor a whole "
                  "number, true or false");
  }

  void TakeHistoryLoop(const Words& words, size_t end) {
    result_.history.insert(words[2]);
    at_ = end;
    AddHistory();
  }

  void Note(std::string note) { result_.notes.push_back(std::move(note)); }

  const std::vector<JinjaToken> tokens_;
  const JinjaOptions& options_;
  size_t at_ = 0;
  JinjaResult result_;
  std::vector<Block> blocks_;
  bool begun_ = false;  // A message has begun.
  bool after_history_ = false;
};

}  // namespace

absl::StatusOr<JinjaResult> ConvertJinja(std::string_view text, const JinjaOptions& options) {
  ASSIGN_OR_RETURN(std::vector<JinjaToken> tokens, LexJinja(text, options.first_line));
  return JinjaConverter(std::move(tokens), options).Convert();
}

}  // namespace colophon
