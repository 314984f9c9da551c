#pragma once

// What a caller may put into a field: the one place that says what a time, a
// duration, a count, an enum, a text or a JSON value may be, so that whatever is
// stored can be shown, compared and written as JSON again.
//
// `field` is the path in the request, "completion.usage.input_tokens". Every error
// is INVALID_ARGUMENT with the given reason and says the field, its value and the
// rule; metadata "field" has the path.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "service/base/status.h"

namespace colophon {

// "latency is -3s: it must be 0s to 720h". `value` as people read it.
absl::Status BadField(std::string_view reason, std::string_view field, std::string_view value,
                      std::string_view rule);

// Within protobuf's own range: the years 1 to 9999, 0 to 999,999,999 nanoseconds.
absl::StatusOr<absl::Time> ReadTime(std::string_view reason, std::string_view field,
                                    const google::protobuf::Timestamp& time);

// Within protobuf's own range, ±10,000 years with less than a second of nanoseconds
// of the same sign, and `min` to `max`.
absl::StatusOr<absl::Duration> ReadDuration(std::string_view reason, std::string_view field,
                                            const google::protobuf::Duration& duration,
                                            absl::Duration min, absl::Duration max);

// Of tokens and the like. No sum of a few of them overflows, and a double holds each.
inline constexpr int64_t kMaxCount = 1'000'000'000'000;
absl::Status CheckCount(std::string_view field, int64_t count);  // BAD_COUNT

// One line: UTF-8 without control characters and line separators.
absl::Status CheckLine(std::string_view reason, std::string_view field, std::string_view text,
                       size_t max_bytes);
// Lines: tabs and line ends too.
absl::Status CheckText(std::string_view reason, std::string_view field, std::string_view text,
                       size_t max_bytes);

// "openai/gpt-4o-mini": a provider and a model, of printable characters without
// spaces. BAD_MODEL.
absl::Status CheckModelName(std::string_view field, std::string_view model);

// 1 to 128 printable ASCII characters. BAD_CALLER.
absl::Status CheckCaller(std::string_view field, std::string_view caller);

// Empty, or 64 lower-case hex digits. BAD_DIGEST.
absl::Status CheckDigest(std::string_view field, std::string_view digest);

// BAD_VALUE for what JSON has no word for: a number that isn't finite, a Value
// without a kind.
absl::Status CheckStruct(std::string_view field, const google::protobuf::Struct& object);

// Not one of the enum's numbers.
absl::Status CheckEnumNumber(std::string_view reason, std::string_view field,
                             const google::protobuf::EnumDescriptor& descriptor, int number);
template <class Enum>
absl::Status CheckEnum(std::string_view reason, std::string_view field, Enum value) {
  return CheckEnumNumber(reason, field, *google::protobuf::GetEnumDescriptor<Enum>(),
                         static_cast<int>(value));
}

}  // namespace colophon
