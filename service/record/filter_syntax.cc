#include "service/record/filter_syntax.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

constexpr int kMaxDepth = 50;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsQuote(char c) { return c == '"' || c == '\''; }
bool IsParenthesis(char c) { return c == '(' || c == ')'; }
// Also every byte of a character beyond ASCII.
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::optional<FilterNode>> Parse() {
    if (IsAtEnd()) return std::nullopt;
    ASSIGN_OR_RETURN(FilterNode node, ParseAny(0));
    if (!IsAtEnd()) return Bad(at_, "this closing parenthesis has no opening one");
    return node;
  }

 private:
  absl::Status Bad(size_t at, std::string_view message) const {
    return BadFilter(text_, at, message);
  }

  bool IsAtEnd() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    return at_ == text_.size();
  }

  // Takes `word` when it stands next as a word of its own.
  bool TakeWord(std::string_view word) {
    if (IsAtEnd() || !text_.substr(at_).starts_with(word)) return false;
    const size_t end = at_ + word.size();
    if (end < text_.size() && !IsSpace(text_[end]) && !IsParenthesis(text_[end])) return false;
    at_ = end;
    return true;
  }

  absl::StatusOr<FilterNode> ParseAny(int depth) {
    if (depth > kMaxDepth) return Bad(at_, "the filter is nested too deep");
    FilterNode node;
    std::optional<FilterNode::Kind> joined_by;
    while (true) {
      ASSIGN_OR_RETURN(FilterNode part, ParsePart(depth));
      node.children.push_back(std::move(part));
      if (IsAtEnd() || text_[at_] == ')') break;
      const size_t joint = at_;
      FilterNode::Kind kind = FilterNode::Kind::kAnd;
      if (TakeWord("OR")) {
        kind = FilterNode::Kind::kOr;
      } else {
        TakeWord("AND");
      }
      if (joined_by.value_or(kind) != kind) {
        return Bad(joint,
                   "AND and OR stand beside each other: say with parentheses which is meant, as in "
                   "a = 1 AND (b = 2 OR c = 3)");
      }
      joined_by = kind;
      if (IsAtEnd()) return Bad(at_, "the filter ends where a condition is missing");
    }
    if (!joined_by) return std::move(node.children[0]);
    node.kind = *joined_by;
    return node;
  }

  absl::StatusOr<FilterNode> ParsePart(int depth) {
    if (IsAtEnd()) return Bad(at_, "the filter ends where a condition is missing");
    const bool is_minus = text_[at_] == '-';
    if (is_minus) ++at_;
    if (!is_minus && !TakeWord("NOT")) return ParseSimple(depth);
    FilterNode node;
    node.kind = FilterNode::Kind::kNot;
    ASSIGN_OR_RETURN(FilterNode negated, ParseSimple(depth));
    node.children.push_back(std::move(negated));
    return node;
  }

  absl::StatusOr<FilterNode> ParseSimple(int depth) {
    if (IsAtEnd()) return Bad(at_, "the filter ends where a condition is missing");
    if (text_[at_] != '(') return ParseTerm();
    const size_t open = at_++;
    ASSIGN_OR_RETURN(FilterNode node, ParseAny(depth + 1));
    if (IsAtEnd()) return Bad(open, "this parenthesis is never closed");
    ++at_;  // ParseAny ends at nothing else.
    return node;
  }

  absl::StatusOr<FilterNode> ParseTerm() {
    if (++terms_ > kMaxFilterTerms) {
      return Bad(at_, fmt::format("the filter has more than {} conditions", kMaxFilterTerms));
    }
    FilterNode node;
    FilterTerm& term = node.term;
    term.path_at = at_;
    ASSIGN_OR_RETURN(term.path, ParsePath());
    if (IsAtEnd() || !TakeComparator(&term.comparator)) {
      return Bad(term.path_at, NoComparison(term));
    }
    if (IsAtEnd()) return Bad(at_, fmt::format("no value follows {}", TextOf(term.comparator)));
    term.value_at = at_;
    term.quoted = IsQuote(text_[at_]);
    ASSIGN_OR_RETURN(term.value, term.quoted ? ParseQuoted() : ParseBareValue(term.comparator));
    return node;
  }

  static std::string NoComparison(const FilterTerm& term) {
    const std::string name = term.PathText();
    if (name == "and" || name == "or" || name == "not") {
      return fmt::format("{} is written in capitals", name);
    }
    return fmt::format(
        "{} is compared with nothing: write a field, one of = != < <= > >= :, and a value, as in "
        "status = failed; words of the output are found by output : \"{}\"",
        Quoted(name), name);
  }

  absl::StatusOr<std::vector<std::string>> ParsePath() {
    std::vector<std::string> path;
    do {
      if (at_ < text_.size() && IsQuote(text_[at_])) {
        ASSIGN_OR_RETURN(std::string name, ParseQuoted());
        path.push_back(std::move(name));
        continue;
      }
      const size_t begin = at_;
      while (at_ < text_.size() && IsNameCharacter(text_[at_])) ++at_;
      if (at_ == begin) return Bad(at_, "here should be the name of a field");
      path.emplace_back(text_.substr(begin, at_ - begin));
    } while (at_ < text_.size() && text_[at_] == '.' && ++at_ > 0);
    return path;
  }

  bool TakeComparator(Comparator* comparator) {
    for (const Comparator candidate :
         {Comparator::kLessEqual, Comparator::kGreaterEqual, Comparator::kNotEqual,
          Comparator::kEqual, Comparator::kLess, Comparator::kGreater, Comparator::kHas}) {
      const std::string_view symbol = TextOf(candidate);
      if (!text_.substr(at_).starts_with(symbol)) continue;
      at_ += symbol.size();
      *comparator = candidate;
      return true;
    }
    return false;
  }

  // REQUIRES: a quote stands next.
  absl::StatusOr<std::string> ParseQuoted() {
    const size_t open = at_;
    const char quote = text_[at_++];
    std::string value;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (at_ == text_.size()) return Bad(open, "this quote is never closed");
    ++at_;
    return value;
  }

  absl::StatusOr<std::string> ParseBareValue(Comparator before) {
    const size_t begin = at_;
    while (at_ < text_.size() && !IsSpace(text_[at_]) && !IsQuote(text_[at_]) &&
           !IsParenthesis(text_[at_])) {
      ++at_;
    }
    const std::string_view value = text_.substr(begin, at_ - begin);
    if (value.empty()) return Bad(begin, fmt::format("no value follows {}", TextOf(before)));
    if (value[0] == '=') return Bad(begin, "equality is written with one =");
    if (value[0] == '<' || value[0] == '>') return Bad(begin, "a value can't begin so unquoted");
    return std::string(value);
  }

  const std::string_view text_;
  size_t at_ = 0;
  int terms_ = 0;
};

}  // namespace

std::string_view TextOf(Comparator comparator) {
  switch (comparator) {
    case Comparator::kEqual:
      return "=";
    case Comparator::kNotEqual:
      return "!=";
    case Comparator::kLess:
      return "<";
    case Comparator::kLessEqual:
      return "<=";
    case Comparator::kGreater:
      return ">";
    case Comparator::kGreaterEqual:
      return ">=";
    case Comparator::kHas:
      return ":";
  }
  return "";
}

bool Holds(Comparator comparator, int order) {
  switch (comparator) {
    case Comparator::kEqual:
    case Comparator::kHas:
      return order == 0;
    case Comparator::kNotEqual:
      return order != 0;
    case Comparator::kLess:
      return order < 0;
    case Comparator::kLessEqual:
      return order <= 0;
    case Comparator::kGreater:
      return order > 0;
    case Comparator::kGreaterEqual:
      return order >= 0;
  }
  return false;
}

std::string FilterTerm::PathText() const { return fmt::format("{}", fmt::join(path, ".")); }

absl::StatusOr<std::optional<FilterNode>> ParseFilter(std::string_view text) {
  if (text.size() > kMaxFilterBytes) {
    return BadFilter(text, kMaxFilterBytes,
                     fmt::format("the filter has {} bytes; at most {} are allowed", text.size(),
                                 kMaxFilterBytes));
  }
  return FilterParser(text).Parse();
}

absl::Status BadFilter(std::string_view text, size_t at, std::string_view message) {
  const auto is_first = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  const std::string_view before = text.substr(0, at);
  const auto column = 1 + std::count_if(before.begin(), before.end(), is_first);
  return InvalidArgument("BAD_FILTER", fmt::format("filter, column {}: {}", column, message),
                         {{"field", "filter"}, {"column", std::to_string(column)}});
}

}  // namespace colophon
