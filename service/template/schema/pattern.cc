#include "service/template/schema/pattern.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "fmt/format.h"
#include "re2/re2.h"
#include "service/template/schema/re2_options.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::schema {
namespace {

// Of a pattern with a program of one instruction, and for each one more: RE2 takes
// a part for the program, the rest for what it remembers of its matches.
constexpr int64_t kLeastMemory = 128 << 10;
constexpr int64_t kMemoryOfInstruction = 300;
// It takes up to a microsecond.
constexpr int64_t kCostOfInstruction = 6;

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
      return PatternBeyondRe2("it is larger than RE2 is given memory for: write it shorter");
    case re2::RE2::ErrorRepeatSize:
      if (IsBackwards(part)) return BadPattern(fmt::format("{} counts backwards", Quote(part)));
      return PatternBeyondRe2(fmt::format("RE2 repeats at most 1000 times: {}", Quote(part)));
    case re2::RE2::ErrorBadCharRange:
      // A property of Unicode's that RE2 has no table of.
      if (part.starts_with("\\p") || part.starts_with("\\P")) return PatternBeyondRe2(fact);
      return BadPattern(fact);
    default:
      return BadPattern(fact);
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Pattern>> Pattern::Parse(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return PatternBeyondRe2(
        fmt::format("it has {} bytes; at most {} are taken", text.size(), kMaxBytes));
  }
  ASSIGN_OR_RETURN(TranslatedPattern translated, TranslatePattern(text));
  // With so little memory RE2 reads it, and gives up before it compiles much.
  constexpr int64_t kMemoryToRead = 4096;
  const re2::RE2 sketch(translated.sketch, Re2Options(kMemoryToRead));
  if (!sketch.ok() && sketch.error_code() != re2::RE2::ErrorPatternTooLarge) {
    constexpr int kFewProperties = 10;
    if (translated.properties == 0 || translated.properties > kFewProperties) {
      return StatusOf(sketch);
    }
    return StatusOf(re2::RE2(translated.text, Re2Options(kMemoryToRead)));
  }
  if (translated.size.instructions > kMaxInstructions) {
    return PatternBeyondRe2("it is larger than RE2 is given memory for: write it shorter");
  }
  return std::shared_ptr<const Pattern>(
      new Pattern(text, std::move(translated.text), translated.size));
}

Pattern::Pattern(std::string_view text, std::string translated, PatternSize size)
    : text_(text), translated_(std::move(translated)), size_(size) {}

Pattern::~Pattern() = default;

int64_t Pattern::memory() const { return kLeastMemory + kMemoryOfInstruction * size_.instructions; }

bool Pattern::Matches(std::string_view text, Work* work) const {
  constexpr int64_t kThreadsPerStep = 16;
  if (!compiled_.load(std::memory_order_acquire)) {
    if (!work->Spend(kCostOfInstruction * size_.instructions)) return false;
    std::call_once(once_, [&] {
      re_ = std::make_unique<const re2::RE2>(translated_, Re2Options(memory()));
      compiled_.store(true, std::memory_order_release);
    });
  }
  const auto bytes = static_cast<int64_t>(text.size());
  if (!work->Spend(1 + bytes * (1 + size_.threads) / kThreadsPerStep)) return false;
  return re_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

}  // namespace colophon::schema
