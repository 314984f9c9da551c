#include "service/template/json_schema_pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "re2/re2.h"
#include "service/template/diagnostics.h"

namespace colophon {
namespace {

// For one pattern: program and caches.
constexpr int64_t kMaxMemory = 1 << 20;

// What ECMA-262 calls white space and line ends, and the rest, as ranges.
constexpr std::string_view kSpaces =
    R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNotSpaces =
    R"(\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view kDot = R"([^\n\r\x{2028}\x{2029}])";
constexpr std::string_view kAnything = R"([\x00-\x{10ffff}])";
constexpr std::string_view kNothing = R"([^\x00-\x{10ffff}])";

// RE2 knows general categories by their short names only.
constexpr std::array<std::pair<std::string_view, std::string_view>, 39> kCategories = {{
    {"Letter", "L"},
    {"Cased_Letter", "LC"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
}};

absl::Status Bad(std::string_view message) { return InvalidArgument("BAD_PATTERN", message); }
absl::Status Beyond(std::string_view message) {
  return FailedPrecondition("PATTERN_BEYOND_RE2", message);
}

// Writes ECMA-262 as RE2 reads it.
class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  absl::StatusOr<std::string> Translate() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        RETURN_IF_ERROR(Escape(/*in_class=*/false));
      } else if (c == '[') {
        RETURN_IF_ERROR(Class());
      } else if (c == '(') {
        RETURN_IF_ERROR(Group());
      } else {
        ++at_;
        if (c == '.') {
          out_ += kDot;
        } else {
          out_ += c;
        }
      }
    }
    return std::move(out_);
  }

 private:
  bool Take(std::string_view text) {
    if (!in_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  absl::Status Group() {
    ++at_;
    if (!Take("?")) {
      out_ += '(';
      return absl::OkStatus();
    }
    for (const std::string_view kind : {":", "i:", "i)"}) {
      if (Take(kind)) {
        out_ += fmt::format("(?{}", kind);
        return absl::OkStatus();
      }
    }
    for (const std::string_view look : {"=", "!", "<=", "<!"}) {
      if (Take(look)) return Beyond(fmt::format("RE2 has no look-around such as (?{}…)", look));
    }
    // A name is of use to what takes the match apart, which nothing here does.
    if (Take("<") || Take("P<")) {
      const size_t end = in_.find('>', at_);
      if (end == in_.npos || end == at_) return Bad("the name of a group (?<name>…) is broken off");
      at_ = end + 1;
      out_ += "(?:";
      return absl::OkStatus();
    }
    return Bad("(? begins no group that ECMA-262 knows");
  }

  absl::Status Class() {
    ++at_;
    const bool negated = Take("^");
    if (Take("]")) {
      out_ += negated ? kAnything : kNothing;
      return absl::OkStatus();
    }
    out_ += negated ? "[^" : "[";
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        RETURN_IF_ERROR(Escape(/*in_class=*/true));
        continue;
      }
      ++at_;
      if (c == '[') out_ += '\\';  // "[:" would begin a class of RE2's own.
      out_ += c;
      if (c == ']') return absl::OkStatus();
    }
    return Bad("a class has no ] at its end");
  }

  absl::Status Escape(bool in_class) {
    ++at_;
    if (at_ == in_.size()) return Bad("it ends in a \\");
    const char c = in_[at_++];
    switch (c) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 'n':
      case 'r':
      case 't':
      case 'f':
      case 'v':
        out_ += {'\\', c};
        return absl::OkStatus();
      case 'b':
        out_ += in_class ? "\\x08" : "\\b";
        return absl::OkStatus();
      case 'B':
        if (in_class) break;
        out_ += "\\B";
        return absl::OkStatus();
      case 's':
      case 'S': {
        const std::string_view ranges = c == 's' ? kSpaces : kNotSpaces;
        out_ += in_class ? std::string(ranges) : fmt::format("[{}]", ranges);
        return absl::OkStatus();
      }
      case 'p':
      case 'P':
        return Property(c);
      case 'x':
        return Code(2);
      case 'u':
        return Take("{") ? CodeInBraces() : Code(4);
      case 'c':
        if (at_ == in_.size() || !absl::ascii_isalpha(in_[at_])) return Bad("\\c needs a letter");
        Put(static_cast<uint32_t>(in_[at_++]) & 0x1f);
        return absl::OkStatus();
      case '0':
        if (at_ < in_.size() && absl::ascii_isdigit(in_[at_])) return Bad("\\0 before a digit");
        Put(0);
        return absl::OkStatus();
      case 'k':
        return Beyond("RE2 has no back references such as \\k<name>");
      default:
        if (absl::ascii_isdigit(c)) return Beyond("RE2 has no back references such as \\1");
        if (absl::ascii_isalpha(c)) break;
        if (absl::ascii_ispunct(c) && c != '_') out_ += '\\';
        out_ += c;
        return absl::OkStatus();
    }
    return Bad(fmt::format("\\{} is no escape of ECMA-262{}", c,
                           c == 'A'               ? ": write ^"
                           : c == 'z' || c == 'Z' ? ": write $"
                                                  : ""));
  }

  absl::Status Property(char c) {
    if (!Take("{")) return Bad(fmt::format("\\{} needs a name in braces", c));
    const size_t end = in_.find('}', at_);
    if (end == in_.npos) return Bad(fmt::format("\\{}{{ has no }} at its end", c));
    std::string_view name = in_.substr(at_, end - at_);
    at_ = end + 1;
    const size_t equals = name.find('=');
    if (equals != name.npos) name.remove_prefix(equals + 1);
    const auto known = std::find_if(kCategories.begin(), kCategories.end(),
                                    [&](const auto& category) { return category.first == name; });
    out_ += fmt::format("\\{}{{{}}}", c, known != kCategories.end() ? known->second : name);
    return absl::OkStatus();
  }

  absl::StatusOr<uint32_t> Hex(size_t digits) {
    uint32_t point = 0;
    const std::string_view text = in_.substr(at_, digits);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), point, 16);
    if (text.size() < digits || digits == 0 || read.ec != std::errc() ||
        read.ptr != text.data() + text.size()) {
      return Bad("\\x needs 2 hexadecimal digits, \\u 4 or any in braces");
    }
    at_ += digits;
    return point;
  }

  absl::Status Code(size_t digits) {
    ASSIGN_OR_RETURN(uint32_t point, Hex(digits));
    if (point >= 0xd800 && point < 0xdc00 && Take("\\u")) {
      ASSIGN_OR_RETURN(const uint32_t low, Hex(4));
      if (low < 0xdc00 || low > 0xdfff) return Bad("half of a surrogate pair");
      point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
    }
    return PutChecked(point);
  }

  absl::Status CodeInBraces() {
    const size_t end = in_.find('}', at_);
    if (end == in_.npos) return Bad("\\u{ has no } at its end");
    ASSIGN_OR_RETURN(const uint32_t point, Hex(end - at_));
    ++at_;
    return PutChecked(point);
  }

  absl::Status PutChecked(uint32_t point) {
    if (point > 0x10ffff) return Bad("a code point above 10FFFF");
    if (point >= 0xd800 && point < 0xe000) return Bad("half of a surrogate pair");
    Put(point);
    return absl::OkStatus();
  }
  void Put(uint32_t point) { out_ += fmt::format("\\x{{{:x}}}", point); }

  const std::string_view in_;
  size_t at_ = 0;
  std::string out_;
};

// {3,2} is wrong, {1,2000} is only too much for RE2.
bool IsBackwards(std::string_view repetition) {
  int least = 0;
  int most = 0;
  const char* const end = repetition.data() + repetition.size();
  const auto first = std::from_chars(std::min(repetition.data() + 1, end), end, least);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') return false;
  const auto second = std::from_chars(first.ptr + 1, end, most);
  return second.ec == std::errc() && most < least;
}

absl::Status StatusOf(const re2::RE2& re) {
  const std::string& part = re.error_arg();
  // "missing ): a(": what is wrong, and where.
  const std::string_view what = std::string_view(re.error()).substr(0, re.error().find(": "));
  const std::string fact =
      part.empty() ? std::string(what) : fmt::format("{} at {}", what, Quote(part));
  switch (re.error_code()) {
    case re2::RE2::ErrorPatternTooLarge:
      return Beyond("it is larger than RE2 is given memory for: write it shorter");
    case re2::RE2::ErrorRepeatSize:
      if (IsBackwards(part)) return Bad(fmt::format("{} counts backwards", Quote(part)));
      return Beyond(fmt::format("RE2 repeats at most 1000 times: {}", Quote(part)));
    case re2::RE2::ErrorBadCharRange:
      // A property of Unicode's that RE2 has no table of.
      if (part.starts_with("\\p") || part.starts_with("\\P")) return Beyond(fact);
      return Bad(fact);
    default:
      return Bad(fact);
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const SchemaPattern>> SchemaPattern::Compile(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return Beyond(fmt::format("it has {} bytes; at most {} are taken", text.size(), kMaxBytes));
  }
  ASSIGN_OR_RETURN(const std::string translated, Translator(text).Translate());
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kMaxMemory);
  auto re = std::make_unique<const re2::RE2>(translated, options);
  if (!re->ok()) return StatusOf(*re);
  return std::shared_ptr<const SchemaPattern>(new SchemaPattern(text, std::move(re)));
}

SchemaPattern::SchemaPattern(std::string_view text, std::unique_ptr<const re2::RE2> re)
    : text_(text), re_(std::move(re)), program_size_(re_->ProgramSize()) {}

SchemaPattern::~SchemaPattern() = default;

bool SchemaPattern::Matches(std::string_view text) const {
  return re_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

int64_t SchemaPattern::CostOf(size_t bytes) const {
  return 1 + static_cast<int64_t>(bytes) * program_size_ / 64;
}

}  // namespace colophon
