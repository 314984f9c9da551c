#include "client/cli/output.h"

#include <limits>

#include "CLI/CLI.hpp"
#include "client/cli/session.h"
#include "colophon/v1/record.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

// Kind: a command that printed nothing and says that all is well.

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

v1::ListRecordsResponse ListWithOneBad() {
  v1::ListRecordsResponse response;
  for (const char* id : {"first", "second", "third"}) response.add_records()->set_id(id);
  response.mutable_records(1)->mutable_intent()->mutable_start_time()->set_seconds(
      std::numeric_limits<int64_t>::min());
  response.set_next_page_token("more");
  return response;
}

struct Printed {
  std::string out;
  std::string errors;
  absl::Status status;
};

Printed Print(const google::protobuf::Message& message) {
  const Output output;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  output.Json(message);
  Printed printed;
  printed.status = output.Finish();
  printed.out = testing::internal::GetCapturedStdout();
  printed.errors = testing::internal::GetCapturedStderr();
  return printed;
}

TEST(OutputTest, AListIsPrintedWithoutWhatJsonCantHold) {
  const Printed printed = Print(ListWithOneBad());
  EXPECT_EQ(printed.out, R"({"records":[{"id":"first"},{"id":"third"}],"nextPageToken":"more"})"
                         "\n");
  EXPECT_THAT(printed.errors, AllOf(HasSubstr("records[1] (id second)"), HasSubstr("seconds")));
  EXPECT_THAT(printed.status, ErrorIs(absl::StatusCode::kUnknown, "NOT_JSON"));
}

TEST(OutputTest, AMessageThatJsonCantHoldIsAnError) {
  v1::GetRecordResponse response;
  *response.mutable_record() = ListWithOneBad().records(1);
  const Printed printed = Print(response);
  EXPECT_EQ(printed.out, "");
  EXPECT_THAT(printed.errors, HasSubstr("can't write colophon.v1.GetRecordResponse as JSON"));
  EXPECT_THAT(printed.status, ErrorIs(absl::StatusCode::kUnknown, "NOT_JSON"));
}

TEST(OutputTest, WhatJsonHoldsIsPrintedAndAllIsWell) {
  v1::ListRecordsResponse response = ListWithOneBad();
  response.mutable_records()->DeleteSubrange(1, 1);
  const Printed printed = Print(response);
  EXPECT_THAT(printed.out, HasSubstr("third"));
  EXPECT_EQ(printed.errors, "");
  EXPECT_OK(printed.status);
}

TEST(OutputTest, TheExitCodeSaysThatTheAnswerIsNotWhole) {
  CLI::App app;
  Session session;
  session.AddOptions(&app);
  session.AddCommand(&app, "records", "", [&] {
    session.output().Json(ListWithOneBad());
    return absl::OkStatus();
  });
  app.parse("records --json");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(session.Run(), kExitError);
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              AllOf(HasSubstr("first"), HasSubstr("third")));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("not whole"));
}

}  // namespace
}  // namespace colophon
