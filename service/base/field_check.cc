#include "service/base/field_check.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fmt/format.h"
#include "google/protobuf/descriptor.h"
#include "service/base/clock.h"
#include "service/base/json.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

using google::protobuf::Value;

constexpr int32_t kNanosInSecond = 1'000'000'000;
constexpr size_t kMaxModelBytes = 256;

// C0, DEL, C1, and Unicode's own two line ends.
bool IsControl(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

bool IsLineEndOrTab(char32_t c) { return c == '\n' || c == '\r' || c == '\t'; }

// The first character that `is_bad`. REQUIRES: UTF-8.
template <class Predicate>
std::optional<char32_t> FindCharacter(std::string_view text, Predicate is_bad) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const int length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    char32_t c = length == 1 ? byte : byte & (0x7f >> length);
    for (int k = 1; k < length; ++k) c = c << 6 | (text[i + k] & 0x3f);
    if (is_bad(c)) return c;
    i += length;
  }
  return std::nullopt;
}

template <class Predicate>
absl::Status CheckCharacters(std::string_view reason, std::string_view field, std::string_view text,
                             size_t max_bytes, Predicate is_bad, std::string_view kind) {
  if (text.size() > max_bytes) {
    return BadField(reason, field, fmt::format("text of {} bytes", text.size()),
                    fmt::format("it has at most {}", max_bytes));
  }
  if (!IsUtf8(text)) return BadField(reason, field, Quoted(text), "it must be UTF-8");
  if (const auto bad = FindCharacter(text, is_bad)) {
    return BadField(reason, field, Quoted(text),
                    fmt::format("it is {}, without control characters such as U+{:04X}", kind,
                                static_cast<uint32_t>(*bad)));
  }
  return absl::OkStatus();
}

// What is wrong with a value inside a Struct, and where.
struct BadValue {
  std::string path;  // ".items[3].price"
  std::string value;
  std::string rule;
};

std::optional<BadValue> FindBad(const google::protobuf::Struct& object);

std::optional<BadValue> FindBad(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      if (std::isfinite(value.number_value())) return std::nullopt;
      return BadValue{"", FormatNumber(value.number_value()), "JSON has no such number"};
    case Value::kStructValue:
      return FindBad(value.struct_value());
    case Value::kListValue:
      for (int i = 0; i < value.list_value().values_size(); ++i) {
        if (auto bad = FindBad(value.list_value().values(i))) {
          bad->path = fmt::format("[{}]{}", i, bad->path);
          return bad;
        }
      }
      return std::nullopt;
    case Value::KIND_NOT_SET:
      return BadValue{"", "a Value without a kind", "give null_value for null"};
    default:
      return std::nullopt;
  }
}

std::optional<BadValue> FindBad(const google::protobuf::Struct& object) {
  for (const auto& [key, value] : object.fields()) {
    if (auto bad = FindBad(value)) {
      bad->path = fmt::format(".{}{}", key, bad->path);
      return bad;
    }
  }
  return std::nullopt;
}

}  // namespace

absl::Status BadField(std::string_view reason, std::string_view field, std::string_view value,
                      std::string_view rule) {
  return InvalidArgument(reason, fmt::format("{} is {}: {}", field, value, rule),
                         {{"field", std::string(field)}});
}

absl::StatusOr<absl::Time> ReadTime(std::string_view reason, std::string_view field,
                                    const google::protobuf::Timestamp& time) {
  constexpr int64_t kFirst = -62'135'596'800;  // 0001-01-01T00:00:00Z
  constexpr int64_t kLast = 253'402'300'799;   // 9999-12-31T23:59:59Z
  if (time.seconds() >= kFirst && time.seconds() <= kLast && time.nanos() >= 0 &&
      time.nanos() < kNanosInSecond) {
    return FromProto(time);
  }
  return BadField(reason, field,
                  fmt::format("{} s and {} ns since 1970", time.seconds(), time.nanos()),
                  "a time lies in the years 1 to 9999 and has 0 to 999999999 nanoseconds");
}

absl::StatusOr<absl::Duration> ReadDuration(std::string_view reason, std::string_view field,
                                            const google::protobuf::Duration& duration,
                                            absl::Duration min, absl::Duration max) {
  constexpr int64_t kLast = 315'576'000'000;
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  const bool is_valid = seconds >= -kLast && seconds <= kLast && nanos > -kNanosInSecond &&
                        nanos < kNanosInSecond && (seconds >= 0 || nanos <= 0) &&
                        (seconds <= 0 || nanos >= 0);
  if (!is_valid) {
    return BadField(reason, field, fmt::format("{} s and {} ns", seconds, nanos),
                    "a duration has at most 315576000000 s and less than a second of nanoseconds, "
                    "both of one sign");
  }
  const absl::Duration read = FromProto(duration);
  if (read >= min && read <= max) return read;
  return BadField(
      reason, field, absl::FormatDuration(read),
      fmt::format("it must be {} to {}", absl::FormatDuration(min), absl::FormatDuration(max)));
}

absl::Status CheckCount(std::string_view field, int64_t count) {
  if (count >= 0 && count <= kMaxCount) return absl::OkStatus();
  return BadField("BAD_COUNT", field, fmt::to_string(count),
                  fmt::format("it must be 0 to {}", kMaxCount));
}

absl::Status CheckLine(std::string_view reason, std::string_view field, std::string_view text,
                       size_t max_bytes) {
  return CheckCharacters(reason, field, text, max_bytes, IsControl, "one line");
}

absl::Status CheckText(std::string_view reason, std::string_view field, std::string_view text,
                       size_t max_bytes) {
  const auto is_bad = [](char32_t c) { return IsControl(c) && !IsLineEndOrTab(c); };
  return CheckCharacters(reason, field, text, max_bytes, is_bad, "text");
}

absl::Status CheckModelName(std::string_view field, std::string_view model) {
  const size_t slash = model.find('/');
  const bool is_printable =
      std::all_of(model.begin(), model.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (slash != model.npos && slash > 0 && slash + 1 < model.size() && is_printable &&
      model.size() <= kMaxModelBytes) {
    return absl::OkStatus();
  }
  return BadField("BAD_MODEL", field, Quoted(model),
                  fmt::format("it is \"provider/model\", like \"openai/gpt-4o-mini\", at most {} "
                              "bytes",
                              kMaxModelBytes));
}

absl::Status CheckCaller(std::string_view field, std::string_view caller) {
  constexpr size_t kMaxCallerBytes = 128;
  const bool printable = std::all_of(caller.begin(), caller.end(),
                                     [](unsigned char c) { return c >= 0x20 && c <= 0x7e; });
  if (!caller.empty() && caller.size() <= kMaxCallerBytes && printable) return absl::OkStatus();
  return InvalidArgument(
      "BAD_CALLER",
      fmt::format("{} has {} bytes; it must be 1 to {} printable ASCII characters", field,
                  caller.size(), kMaxCallerBytes),
      {{"field", std::string(field)}});
}

absl::Status CheckDigest(std::string_view field, std::string_view digest) {
  const bool is_hex = std::all_of(digest.begin(), digest.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (digest.empty() || (digest.size() == 64 && is_hex)) return absl::OkStatus();
  return BadField("BAD_DIGEST", field, Quoted(digest), "it has 64 lower-case hex digits");
}

absl::Status CheckStruct(std::string_view field, const google::protobuf::Struct& object) {
  const auto bad = FindBad(object);
  if (!bad) return absl::OkStatus();
  // A key is whatever the caller wrote.
  const std::string path = fmt::format("{}{}", field, bad->path);
  return BadField("BAD_VALUE", IsUtf8(path) ? path : Quoted(path), bad->value, bad->rule);
}

absl::Status CheckEnumNumber(std::string_view reason, std::string_view field,
                             const google::protobuf::EnumDescriptor& descriptor, int number) {
  if (descriptor.FindValueByNumber(number) != nullptr) return absl::OkStatus();
  return BadField(reason, field, fmt::to_string(number),
                  fmt::format("{} has no such value", descriptor.full_name()));
}

}  // namespace colophon
