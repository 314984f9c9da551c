#include "service/template/json_schema_pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "re2/re2.h"
#include "service/template/diagnostics.h"

namespace colophon {
namespace {

// Of a pattern with a program of one instruction, and for each one more: RE2 takes
// a part for the program, the rest for what it remembers of its matches.
constexpr int64_t kLeastMemory = 128 << 10;
constexpr int64_t kMemoryOfInstruction = 300;
// It takes up to a microsecond.
constexpr int64_t kCostOfInstruction = 6;

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

re2::RE2::Options OptionsFor(int64_t memory) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(memory);
  return options;
}

// Instructions of \p{name} and \P{name}, which differ by a factor of a thousand;
// nullopt: RE2 has no such table. Each is compiled once, to see.
std::optional<int64_t> SizeOfProperty(const std::string& escape) {
  constexpr size_t kMaxName = 64;
  constexpr int64_t kEnoughMemory = 8 << 20;
  if (escape.size() > kMaxName) return std::nullopt;
  static std::mutex mutex;
  static auto* const sizes = new std::map<std::string, int64_t>();  // As many as RE2 has tables.
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (const auto known = sizes->find(escape); known != sizes->end()) return known->second;
  }
  const re2::RE2 re(escape, OptionsFor(kEnoughMemory));
  if (!re.ok()) return std::nullopt;
  const std::lock_guard<std::mutex> lock(mutex);
  return sizes->emplace(escape, re.ProgramSize()).first->second;
}

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

  const std::string& translated() const { return out_; }
  // The same with digits in place of characters' properties, which is as right or
  // wrong and quick to read.
  const std::string& sketch() const { return sketch_; }
  int properties() const { return properties_; }
  PatternSize size() const {
    // Without case each letter is two or three.
    const PatternSize size = count_.total();
    return ignores_case_ ? PatternSize{3 * size.instructions, 2 * size.threads} : size;
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
    if (count_.depth() == SchemaPattern::kMaxGroups) {
      return Beyond(
          fmt::format("more than {} groups stand inside of each other", SchemaPattern::kMaxGroups));
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
      if (Take(look)) return Beyond(fmt::format("RE2 has no look-around such as (?{}…)", look));
    }
    // A name is of use to what takes the match apart, which nothing here does.
    if (Take("<") || Take("P<")) {
      const size_t end = in_.find('>', at_);
      if (end == in_.npos || end == at_) return Bad("the name of a group (?<name>…) is broken off");
      at_ = end + 1;
      Write("(?:");
      count_.Open();
      return absl::OkStatus();
    }
    return Bad("(? begins no group that ECMA-262 knows");
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
    return Bad("a class has no ] at its end");
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
    if (at_ == in_.size()) return Bad("it ends in a \\");
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
        if (at_ == in_.size() || !absl::ascii_isalpha(in_[at_])) return Bad("\\c needs a letter");
        Put(static_cast<uint32_t>(in_[at_++]) & 0x1f, in_class);
        return absl::OkStatus();
      case '0':
        if (at_ < in_.size() && absl::ascii_isdigit(in_[at_])) return Bad("\\0 before a digit");
        Put(0, in_class);
        return absl::OkStatus();
      case 'k':
        return Beyond("RE2 has no back references such as \\k<name>");
      default:
        if (absl::ascii_isdigit(c)) return Beyond("RE2 has no back references such as \\1");
        if (absl::ascii_isalpha(c)) break;
        AddAtom(in_class, kOneByte);
        if (absl::ascii_ispunct(c) && c != '_') Write("\\");
        Write({&c, 1});
        return absl::OkStatus();
    }
    return Bad(fmt::format("\\{} is no escape of ECMA-262{}", c,
                           c == 'A'               ? ": write ^"
                           : c == 'z' || c == 'Z' ? ": write $"
                                                  : ""));
  }

  absl::Status Property(char c, bool in_class) {
    if (!Take("{")) return Bad(fmt::format("\\{} needs a name in braces", c));
    const size_t end = in_.find('}', at_);
    if (end == in_.npos) return Bad(fmt::format("\\{}{{ has no }} at its end", c));
    std::string_view name = in_.substr(at_, end - at_);
    at_ = end + 1;
    const size_t equals = name.find('=');
    if (equals != name.npos) name.remove_prefix(equals + 1);
    const auto known = std::find_if(kCategories.begin(), kCategories.end(),
                                    [&](const auto& category) { return category.first == name; });
    if (known != kCategories.end()) name = known->second;
    const std::string escape = fmt::format("\\{}{{{}}}", c, name);
    const std::optional<int64_t> size = SizeOfProperty(escape);
    if (!size) {
      return Beyond(fmt::format("invalid character class range at {}: RE2 knows no such property",
                                Quote(escape)));
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
      return Bad("\\x needs 2 hexadecimal digits, \\u 4 or any in braces");
    }
    at_ += digits;
    return point;
  }

  absl::Status Code(size_t digits, bool in_class) {
    ASSIGN_OR_RETURN(uint32_t point, Hex(digits));
    if (point >= 0xd800 && point < 0xdc00 && Take("\\u")) {
      ASSIGN_OR_RETURN(const uint32_t low, Hex(4));
      if (low < 0xdc00 || low > 0xdfff) return Bad("half of a surrogate pair");
      point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
    }
    return PutChecked(point, in_class);
  }

  absl::Status CodeInBraces(bool in_class) {
    const size_t end = in_.find('}', at_);
    if (end == in_.npos) return Bad("\\u{ has no } at its end");
    ASSIGN_OR_RETURN(const uint32_t point, Hex(end - at_));
    ++at_;
    return PutChecked(point, in_class);
  }

  absl::Status PutChecked(uint32_t point, bool in_class) {
    if (point > 0x10ffff) return Bad("a code point above 10FFFF");
    if (point >= 0xd800 && point < 0xe000) return Bad("half of a surrogate pair");
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

absl::StatusOr<std::shared_ptr<const SchemaPattern>> SchemaPattern::Parse(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return Beyond(fmt::format("it has {} bytes; at most {} are taken", text.size(), kMaxBytes));
  }
  Translator translator(text);
  RETURN_IF_ERROR(translator.Translate());
  // With so little memory RE2 reads it, and gives up before it compiles much.
  constexpr int64_t kMemoryToRead = 4096;
  const re2::RE2 sketch(translator.sketch(), OptionsFor(kMemoryToRead));
  if (!sketch.ok() && sketch.error_code() != re2::RE2::ErrorPatternTooLarge) {
    constexpr int kFewProperties = 10;
    if (translator.properties() == 0 || translator.properties() > kFewProperties) {
      return StatusOf(sketch);
    }
    return StatusOf(re2::RE2(translator.translated(), OptionsFor(kMemoryToRead)));
  }
  if (translator.size().instructions > kMaxInstructions) {
    return Beyond("it is larger than RE2 is given memory for: write it shorter");
  }
  return std::shared_ptr<const SchemaPattern>(
      new SchemaPattern(text, translator.translated(), translator.size()));
}

SchemaPattern::SchemaPattern(std::string_view text, std::string translated, PatternSize size)
    : text_(text), translated_(std::move(translated)), size_(size) {}

SchemaPattern::~SchemaPattern() = default;

int64_t SchemaPattern::memory() const {
  return kLeastMemory + kMemoryOfInstruction * size_.instructions;
}

bool SchemaPattern::Matches(std::string_view text, Work* work) const {
  constexpr int64_t kThreadsPerStep = 16;
  if (!compiled_.load(std::memory_order_acquire)) {
    if (!work->Spend(kCostOfInstruction * size_.instructions)) return false;
    std::call_once(once_, [&] {
      re_ = std::make_unique<const re2::RE2>(translated_, OptionsFor(memory()));
      compiled_.store(true, std::memory_order_release);
    });
  }
  const auto bytes = static_cast<int64_t>(text.size());
  if (!work->Spend(1 + bytes * (1 + size_.threads) / kThreadsPerStep)) return false;
  return re_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

}  // namespace colophon
