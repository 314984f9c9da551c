#include "service/template/schema/pattern_translator.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/template/schema/unicode_properties.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::schema {
namespace {

constexpr int kMaxGroups = 100;  // Inside of each other.

// What ECMA-262 calls white space and line ends, and the rest, as ranges.
constexpr std::string_view kSpaces =
    R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNotSpaces =
    R"(\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view kDot = R"([^\n\r\x{2028}\x{2029}])";
constexpr std::string_view kAnything = R"([\x00-\x{10ffff}])";
constexpr std::string_view kNothing = R"([^\x00-\x{10ffff}])";

constexpr PatternSize operator+(PatternSize a, PatternSize b) {
  return {a.instructions + b.instructions, a.threads + b.threads};
}

// One character of ASCII, of others, and any character at all.
constexpr PatternSize kOneByte = {1, 1};
constexpr PatternSize kManyBytes = {8, 2};
constexpr PatternSize kAlmostAny = {24, 3};

// How large the program of what was read so far is: what stands in each group that
// is open, and the last thing, which a repetition may follow.
class SizeCount {
 public:
  void Add(PatternSize atom) {
    groups_.back() = groups_.back() + last_;
    last_ = atom;
  }
  void Open() {
    Add({});
    groups_.emplace_back();
  }
  void Close() {
    if (groups_.size() == 1) return;  // It is wrong, and will be told.
    const PatternSize group = groups_.back() + last_;
    groups_.pop_back();
    last_ = group + PatternSize{2, 1};
  }
  void Repeat(int64_t times) {
    constexpr int64_t kMost = 1'000'000'000;
    times = std::clamp<int64_t>(times, 1, 1000);
    last_ = {std::min(kMost, (last_.instructions + 1) * times),
             std::min(kMost, (last_.threads + 1) * times)};
  }
  size_t depth() const { return groups_.size() - 1; }
  PatternSize total() const {
    PatternSize total = last_;
    for (const PatternSize& group : groups_) total = total + group;
    return total;
  }

 private:
  std::vector<PatternSize> groups_ = {{}};
  PatternSize last_;
};

// Writes ECMA-262 as RE2 reads it.
class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  absl::Status Translate() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        RETURN_IF_ERROR(Escape(/*in_class=*/false));
      } else if (c == '[') {
        RETURN_IF_ERROR(Class());
      } else if (c == '(') {
        RETURN_IF_ERROR(Group());
      } else if (c == '{' && CountedRepetition()) {
      } else {
        ++at_;
        Plain(c);
      }
    }
    return absl::OkStatus();
  }

  TranslatedPattern Take() {
    // Without case each letter is two or three.
    PatternSize size = count_.total();
    if (ignores_case_) size = {3 * size.instructions, 2 * size.threads};
    return {std::move(out_), std::move(sketch_), properties_, size};
  }

 private:
  void Write(std::string_view text) {
    out_ += text;
    sketch_ += text;
  }

  void Plain(char c) {
    if (c == '.') {
      Write(kDot);
      count_.Add(kAlmostAny);
      return;
    }
    Write({&c, 1});
    if (c == ')') {
      count_.Close();
    } else if (c == '*' || c == '+' || c == '?') {
      count_.Repeat(1);
    } else {
      count_.Add(kOneByte);
    }
  }

  // {3} {3,} {3,5}; anything else that begins with { is text.
  bool CountedRepetition() {
    const std::string_view rest = in_.substr(at_);
    const size_t end = rest.find('}');
    if (end == rest.npos || end < 2) return false;
    const std::string_view inside = rest.substr(1, end - 1);
    const size_t comma = inside.find(',');
    const std::string_view least = inside.substr(0, comma);
    const std::string_view most = comma == inside.npos ? "" : inside.substr(comma + 1);
    const auto is_number = [](std::string_view text) {
      return text.find_first_not_of("0123456789") == text.npos;
    };
    if (least.empty() || !is_number(least) || !is_number(most)) return false;
    int64_t times = 0;
    for (const std::string_view number : {least, most}) {
      int64_t value = 0;
      const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
      if (!number.empty()) times = std::max(times, read.ec == std::errc() ? value : 1001);
    }
    Write(rest.substr(0, end + 1));
    at_ += end + 1;
    count_.Repeat(comma == inside.npos ? times : times + 1);
    return true;
  }

  bool Take(std::string_view text) {
    if (!in_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  absl::Status Group() {
    ++at_;
    if (count_.depth() == kMaxGroups) {
      return PatternBeyondRe2(
          fmt::format("more than {} groups stand inside of each other", kMaxGroups));
    }
    if (!Take("?")) {
      Write("(");
      count_.Open();
      return absl::OkStatus();
    }
    for (const std::string_view kind : {":", "i:", "i)"}) {
      if (Take(kind)) {
        Write(fmt::format("(?{}", kind));
        ignores_case_ |= kind[0] == 'i';
        if (kind != "i)") count_.Open();
        return absl::OkStatus();
      }
    }
    for (const std::string_view look : {"=", "!", "<=", "<!"}) {
      if (Take(look))
        return PatternBeyondRe2(fmt::format("RE2 has no look-around such as (?{}…)", look));
    }
    // A name is of use to what takes the match apart, which nothing here does.
    if (Take("<") || Take("P<")) {
      const size_t end = in_.find('>', at_);
      if (end == in_.npos || end == at_)
        return BadPattern("the name of a group (?<name>…) is broken off");
      at_ = end + 1;
      Write("(?:");
      count_.Open();
      return absl::OkStatus();
    }
    return BadPattern("(? begins no group that ECMA-262 knows");
  }

  absl::Status Class() {
    ++at_;
    const bool negated = Take("^");
    if (Take("]")) {
      Write(negated ? kAnything : kNothing);
      count_.Add(kAlmostAny);
      return absl::OkStatus();
    }
    Write(negated ? "[^" : "[");
    in_class_ = negated ? kAlmostAny : PatternSize{1, 1};
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        RETURN_IF_ERROR(Escape(/*in_class=*/true));
        continue;
      }
      ++at_;
      if (c == '[') Write("\\");  // "[:" would begin a class of RE2's own.
      Write({&c, 1});
      if (c == ']') {
        count_.Add(in_class_);
        return absl::OkStatus();
      }
      AddAtom(true, static_cast<unsigned char>(c) < 0x80 ? kOneByte : kManyBytes);
    }
    return BadPattern("a class has no ] at its end");
  }

  // What stands in a class is one thing: only its instructions add up.
  void AddAtom(bool in_class, PatternSize size) {
    if (in_class) {
      in_class_.instructions += size.instructions;
      in_class_.threads = std::max(in_class_.threads, size.threads);
    } else {
      count_.Add(size);
    }
  }

  absl::Status Escape(bool in_class) {
    ++at_;
    if (at_ == in_.size()) return BadPattern("it ends in a \\");
    const char c = in_[at_++];
    switch (c) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
        AddAtom(in_class, c == 'd' || c == 'w' ? PatternSize{4, 1} : kAlmostAny);
        Write(std::string{'\\', c});
        return absl::OkStatus();
      case 'n':
      case 'r':
      case 't':
      case 'f':
      case 'v':
        AddAtom(in_class, kOneByte);
        Write(std::string{'\\', c});
        return absl::OkStatus();
      case 'b':
        AddAtom(in_class, kOneByte);
        Write(in_class ? "\\x08" : "\\b");
        return absl::OkStatus();
      case 'B':
        if (in_class) break;
        AddAtom(in_class, kOneByte);
        Write("\\B");
        return absl::OkStatus();
      case 's':
      case 'S': {
        const std::string_view ranges = c == 's' ? kSpaces : kNotSpaces;
        AddAtom(in_class, {3 * kAlmostAny.instructions, 2 * kAlmostAny.threads});
        Write(in_class ? std::string(ranges) : fmt::format("[{}]", ranges));
        return absl::OkStatus();
      }
      case 'p':
      case 'P':
        return Property(c, in_class);
      case 'x':
        return Code(2, in_class);
      case 'u':
        return Take("{") ? CodeInBraces(in_class) : Code(4, in_class);
      case 'c':
        if (at_ == in_.size() || !absl::ascii_isalpha(in_[at_]))
          return BadPattern("\\c needs a letter");
        Put(static_cast<uint32_t>(in_[at_++]) & 0x1f, in_class);
        return absl::OkStatus();
      case '0':
        if (at_ < in_.size() && absl::ascii_isdigit(in_[at_]))
          return BadPattern("\\0 before a digit");
        Put(0, in_class);
        return absl::OkStatus();
      case 'k':
        return PatternBeyondRe2("RE2 has no back references such as \\k<name>");
      default:
        if (absl::ascii_isdigit(c))
          return PatternBeyondRe2("RE2 has no back references such as \\1");
        if (absl::ascii_isalpha(c)) break;
        AddAtom(in_class, kOneByte);
        if (absl::ascii_ispunct(c) && c != '_') Write("\\");
        Write({&c, 1});
        return absl::OkStatus();
    }
    return BadPattern(fmt::format("\\{} is no escape of ECMA-262{}", c,
                                  c == 'A'               ? ": write ^"
                                  : c == 'z' || c == 'Z' ? ": write $"
                                                         : ""));
  }

  absl::Status Property(char c, bool in_class) {
    if (!Take("{")) return BadPattern(fmt::format("\\{} needs a name in braces", c));
    const size_t end = in_.find('}', at_);
    if (end == in_.npos) return BadPattern(fmt::format("\\{}{{ has no }} at its end", c));
    std::string_view name = in_.substr(at_, end - at_);
    at_ = end + 1;
    const size_t equals = name.find('=');
    if (equals != name.npos) name.remove_prefix(equals + 1);
    const std::string escape = fmt::format("\\{}{{{}}}", c, ShortNameOfProperty(name));
    const std::optional<int64_t> size = SizeOfProperty(escape);
    if (!size) {
      return PatternBeyondRe2(fmt::format(
          "invalid character class range at {}: RE2 knows no such property", Quote(escape)));
    }
    constexpr int64_t kInstructionsOfThread = 40;
    AddAtom(in_class, {*size, 1 + *size / kInstructionsOfThread});
    ++properties_;
    out_ += escape;
    sketch_ += "\\d";
    return absl::OkStatus();
  }

  absl::StatusOr<uint32_t> Hex(size_t digits) {
    uint32_t point = 0;
    const std::string_view text = in_.substr(at_, digits);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), point, 16);
    if (text.size() < digits || digits == 0 || read.ec != std::errc() ||
        read.ptr != text.data() + text.size()) {
      return BadPattern("\\x needs 2 hexadecimal digits, \\u 4 or any in braces");
    }
    at_ += digits;
    return point;
  }

  absl::Status Code(size_t digits, bool in_class) {
    ASSIGN_OR_RETURN(uint32_t point, Hex(digits));
    if (point >= 0xd800 && point < 0xdc00 && Take("\\u")) {
      ASSIGN_OR_RETURN(const uint32_t low, Hex(4));
      if (low < 0xdc00 || low > 0xdfff) return BadPattern("half of a surrogate pair");
      point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
    }
    return PutChecked(point, in_class);
  }

  absl::Status CodeInBraces(bool in_class) {
    const size_t end = in_.find('}', at_);
    if (end == in_.npos) return BadPattern("\\u{ has no } at its end");
    ASSIGN_OR_RETURN(const uint32_t point, Hex(end - at_));
    ++at_;
    return PutChecked(point, in_class);
  }

  absl::Status PutChecked(uint32_t point, bool in_class) {
    if (point > 0x10ffff) return BadPattern("a code point above 10FFFF");
    if (point >= 0xd800 && point < 0xe000) return BadPattern("half of a surrogate pair");
    Put(point, in_class);
    return absl::OkStatus();
  }
  void Put(uint32_t point, bool in_class) {
    AddAtom(in_class, point < 0x80 ? kOneByte : kManyBytes);
    Write(fmt::format("\\x{{{:x}}}", point));
  }

  const std::string_view in_;
  size_t at_ = 0;
  std::string out_;
  std::string sketch_;
  SizeCount count_;
  PatternSize in_class_;
  int properties_ = 0;
  bool ignores_case_ = false;
};

}  // namespace

absl::Status BadPattern(std::string_view message) {
  return InvalidArgument("BAD_PATTERN", message);
}

absl::Status PatternBeyondRe2(std::string_view message) {
  return FailedPrecondition("PATTERN_BEYOND_RE2", message);
}

absl::StatusOr<TranslatedPattern> TranslatePattern(std::string_view text) {
  Translator translator(text);
  RETURN_IF_ERROR(translator.Translate());
  return translator.Take();
}

}  // namespace colophon::schema
