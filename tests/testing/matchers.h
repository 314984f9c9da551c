#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "service/base/status.h"

namespace absl {

// Readable failures.
inline void PrintTo(const Status& status, std::ostream* out) { *out << status.ToString(); }

}  // namespace absl

namespace colophon {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// EXPECT_THAT(status_or_statusor, IsOk());
MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// EXPECT_THAT(result, ErrorIs(absl::StatusCode::kAborted, "STALE_BASE", HasSubstr("41")));
MATCHER_P3(ErrorIs, code, reason, message, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString() << " reason " << ReasonOf(status);
  return status.code() == code && ReasonOf(status) == reason &&
         testing::ExplainMatchResult(testing::Matcher<std::string>(message), MessageOf(status),
                                     result_listener);
}
template <class Code>
auto ErrorIs(Code code, const char* reason) {
  return ErrorIs(code, reason, testing::Matcher<std::string>(testing::_));
}

// EXPECT_THAT(message, EqualsProto("name: \"x\""));
MATCHER_P(EqualsProto, text, "") {
  std::decay_t<decltype(arg)> expected;
  if (!google::protobuf::TextFormat::ParseFromString(text, &expected)) {
    *result_listener << "the expectation is not a valid text proto";
    return false;
  }
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  const bool equal = differencer.Compare(expected, arg);
  *result_listener << difference;
  return equal;
}

}  // namespace colophon

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::colophon::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::colophon::IsOk())
#define ASSERT_OK_AND_ASSIGN(declaration, expression) \
  ASSERT_OK_AND_ASSIGN_INNER(COLOPHON_CONCAT(assigned_, __LINE__), declaration, expression)
#define ASSERT_OK_AND_ASSIGN_INNER(result, declaration, expression) \
  auto result = (expression);                                       \
  ASSERT_OK(result);                                                \
  declaration = *std::move(result)
