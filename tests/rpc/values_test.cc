// What a client may give, method by method, over the wire. Kind: values that
// protobuf, JSON, a terminal or a sum can't hold.

#include <limits>

#include "google/protobuf/util/json_util.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

constexpr char kCall[] =
    "name: 'acme/greeting' variables { fields { key: 'name' value { string_value: 'Ada' } } } ";

constexpr char kName[] = "name: 'acme/greeting' ";

// A request that is right but for `text`, what it is refused with, and the field told.
struct Bad {
  std::string text;
  const char* reason;
  const char* field;
};

const Bad kBadCalls[] = {
    {"variables { fields { key: 'n' value { number_value: nan } } }", "BAD_VALUE", "variables.n"},
    {"variables { fields { key: 'n' value { list_value { values { number_value: inf } } } } }",
     "BAD_VALUE", "variables.n[0]"},
    {"variables { fields { key: 'n' value {} } }", "BAD_VALUE", "variables.n"},
    {"context { fields { key: 'n' value { number_value: -inf } } }", "BAD_VALUE", "context.n"},
    {"history { parts { text: 'x' } }", "BAD_HISTORY", "history[0].role"},
    {"history { role: 99 parts { text: 'x' } }", "BAD_HISTORY", "history[0].role"},
    {"history { role: ROLE_USER parts {} }", "BAD_HISTORY", "history[0].parts[0]"},
    {"history { role: ROLE_USER parts { media { url: 'http://169.254.169.254/' } } }",
     "UNSUPPORTED", "history[0].parts[0].media"},
    {"subject: 'a\\nb'", "BAD_SUBJECT", "subject"},
    {"subject: '\\000'", "BAD_SUBJECT", "subject"},
};

const Bad kBadTags[] = {
    {"tags { key: '' value: 'v' }", "BAD_TAG", "tags"},
    {"tags { key: 'k\\033' value: 'v' }", "BAD_TAG", "the key of tags[\"k\\x1b\"]"},
    {"tags { key: 'k' value: 'v\\n' }", "BAD_TAG", "tags[\"k\"]"},
};

const Bad kBadTimeouts[] = {
    {"timeout { seconds: -1 }", "BAD_DURATION", "timeout"},
    {"timeout {}", "BAD_DURATION", "timeout"},
    {"timeout { nanos: 1 }", "BAD_DURATION", "timeout"},
    {"timeout { seconds: 1 nanos: -1 }", "BAD_DURATION", "timeout"},
    {"timeout { nanos: 2147483647 }", "BAD_DURATION", "timeout"},
    {"timeout { seconds: -9223372036854775808 }", "BAD_DURATION", "timeout"},
    {"timeout { seconds: 9223372036854775807 }", "BAD_DURATION", "timeout"},
    {"overrides { model: 'gpt' }", "BAD_MODEL", "overrides.model"},
    {"overrides { model: 'p/a\\nb' }", "BAD_MODEL", "overrides.model"},
    {"overrides { config { fields { key: 'topP' value { number_value: nan } } } }", "BAD_VALUE",
     "overrides.config.topP"},
};

const Bad kBadRecords[] = {
    {"latency { seconds: -1 }", "BAD_DURATION", "latency"},
    {"latency { seconds: -9223372036854775808 nanos: 2147483647 }", "BAD_DURATION", "latency"},
    {"latency { nanos: 1000000000 }", "BAD_DURATION", "latency"},
    {"latency { seconds: 2592001 }", "BAD_DURATION", "latency"},
    {"start_time { seconds: -62135596801 }", "BAD_TIME", "start_time"},
    {"start_time { seconds: 253402300800 }", "BAD_TIME", "start_time"},
    {"start_time { seconds: 1800000000 nanos: -1 }", "BAD_TIME", "start_time"},
    {"start_time { seconds: 946684799 }", "BAD_TIME", "start_time"},
    {"start_time { seconds: 4294967296 }", "BAD_TIME", "start_time"},
    {"status: 99", "BAD_STATUS", "status"},
    {"status: RECORD_STATUS_OPEN", "BAD_STATUS", "status"},
    {"error_message: 'no'", "BAD_ERROR_MESSAGE", "error_message"},
    {"status: RECORD_STATUS_OK error_message: 'no'", "BAD_ERROR_MESSAGE", "error_message"},
    {"status: RECORD_STATUS_FAILED error_message: 'a\\033[2J'", "BAD_ERROR_MESSAGE",
     "error_message"},
    {"status: RECORD_STATUS_FAILED error_message: '" + std::string(4097, 'x') + "'",
     "BAD_ERROR_MESSAGE", "error_message"},
    {"model: 'gpt-4o'", "BAD_MODEL", "model"},
    {"model: 'a b/c'", "BAD_MODEL", "model"},
    {"rendered_digest: 'abc'", "BAD_DIGEST", "rendered_digest"},
    {"completion { message { role: ROLE_SYSTEM parts { text: 'x' } } }", "BAD_COMPLETION",
     "completion.message.role"},
    {"completion { message { role: 17 } }", "BAD_COMPLETION", "completion.message.role"},
    {"completion { message { parts {} } }", "BAD_COMPLETION", "completion.message.parts[0]"},
    {"completion { message { parts { section: 's' } } }", "BAD_COMPLETION",
     "completion.message.parts[0]"},
    {"completion { message { parts { tool_response { id: 'a' } } } }", "BAD_COMPLETION",
     "completion.message.parts[0]"},
    {"completion { message { parts { media { url: 'http://x/' } } } }", "UNSUPPORTED",
     "completion.message.parts[0].media"},
    {"completion { stop_reason: 44 }", "BAD_COMPLETION", "completion.stop_reason"},
    {"completion { provider_stop_reason: 'a\\nb' }", "BAD_COMPLETION",
     "completion.provider_stop_reason"},
    {"completion { provider_model: '" + std::string(257, 'm') + "' }", "BAD_COMPLETION",
     "completion.provider_model"},
    {"completion { provider_id: '\\001' }", "BAD_COMPLETION", "completion.provider_id"},
    {"completion { usage { input_tokens: -1 } }", "BAD_COUNT", "completion.usage.input_tokens"},
    {"completion { usage { output_tokens: 9223372036854775807 } }", "BAD_COUNT",
     "completion.usage.output_tokens"},
    {"completion { usage { cached_input_tokens: -9223372036854775808 } }", "BAD_COUNT",
     "completion.usage.cached_input_tokens"},
    {"completion { usage { cache_write_tokens: 1000000000001 } }", "BAD_COUNT",
     "completion.usage.cache_write_tokens"},
    {"completion { usage { reasoning_tokens: -7 } }", "BAD_COUNT",
     "completion.usage.reasoning_tokens"},
};

class ValuesTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
  }

  template <class Request, class Stub, class Method, class Cases>
  void ExpectRefused(Stub& stub, Method method, const std::string& right, const Cases& cases) {
    for (const Bad& bad : cases) {
      const absl::Status status = Call(stub, method, FromText<Request>(right + bad.text)).status();
      EXPECT_THAT(status, ErrorIs(StatusCode::kInvalidArgument, bad.reason)) << bad.text;
      EXPECT_EQ(MetadataOf(status)["field"], bad.field) << bad.text;
      EXPECT_THAT(MessageOf(status), HasSubstr(bad.field)) << bad.text;
    }
  }

  int64_t RecordCount() {
    auto records = Call(*record_, &v1::RecordService::Stub::ListRecords,
                        FromText<v1::ListRecordsRequest>("name: 'acme'"));
    EXPECT_OK(records);
    return records->records_size();
  }
};

TEST_F(ValuesTest, Render) {
  ExpectRefused<v1::RenderRequest>(*completion_, &v1::CompletionService::Stub::Render, kName,
                                   kBadCalls);
}

TEST_F(ValuesTest, CompleteRefusesAndRecordsNothing) {
  const auto method = &v1::CompletionService::Stub::Complete;
  ExpectRefused<v1::CompleteRequest>(*completion_, method, kName, kBadCalls);
  ExpectRefused<v1::CompleteRequest>(*completion_, method, kName, kBadTags);
  ExpectRefused<v1::CompleteRequest>(*completion_, method, kName, kBadTimeouts);
  EXPECT_EQ(RecordCount(), 0);
  EXPECT_EQ(provider_->call_count(), 0);
}

TEST_F(ValuesTest, CreateRecordRefusesAndRecordsNothing) {
  const auto method = &v1::RecordService::Stub::CreateRecord;
  ExpectRefused<v1::CreateRecordRequest>(*record_, method, kName, kBadCalls);
  ExpectRefused<v1::CreateRecordRequest>(*record_, method, kName, kBadTags);
  ExpectRefused<v1::CreateRecordRequest>(*record_, method, kName, kBadRecords);
  EXPECT_EQ(RecordCount(), 0);
}

// At the edges of what is taken: and each is JSON.
TEST_F(ValuesTest, WhatIsTakenCanBeShown) {
  for (const char* text : {
           "start_time { seconds: 946684800 } latency { seconds: 2592000 }",
           "latency {} completion { usage { input_tokens: 1000000000000 output_tokens: 0 } }",
           "status: RECORD_STATUS_FAILED error_message: 'line\\n\\tline'",
           "completion { message { role: ROLE_MODEL parts { text: '\\000\\033' } } }",
           "history { role: ROLE_SYSTEM parts { text: 'x' } } subject: 'caf\\303\\251'",
           "tags { key: 'k' value: '' } model: 'p/org/m:7b'",
       }) {
    ASSERT_OK_AND_ASSIGN(const auto created,
                         Call(*record_, &v1::RecordService::Stub::CreateRecord,
                              FromText<v1::CreateRecordRequest>(kCall + std::string(text))));
    EXPECT_LE(created.record().intent().start_time().seconds(),
              created.record().outcome().end_time().seconds());
  }
  ASSERT_OK_AND_ASSIGN(const auto list, Call(*record_, &v1::RecordService::Stub::ListRecords,
                                             FromText<v1::ListRecordsRequest>("name: 'acme'")));
  EXPECT_EQ(list.records_size(), 6);
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(list, &json).ok());
}

TEST_F(ValuesTest, AMessageWithoutARoleIsTheModels) {
  ASSERT_OK_AND_ASSIGN(
      const auto created,
      Call(*record_, &v1::RecordService::Stub::CreateRecord,
           FromText<v1::CreateRecordRequest>(
               kCall + std::string("completion { message { parts { text: 'x' } } }"))));
  EXPECT_EQ(created.record().outcome().completion().message().role(), v1::ROLE_MODEL);
}

TEST_F(ValuesTest, GetVersion) {
  const Bad cases[] = {
      {"at_time { seconds: 253402300800 }", "BAD_TIME", "at_time"},
      {"at_time { seconds: 1 nanos: 1000000000 }", "BAD_TIME", "at_time"},
      {"subject: '\\033'", "BAD_SUBJECT", "subject"},
      {"subject: '" + std::string(257, 's') + "'", "BAD_SUBJECT", "subject"},
  };
  ExpectRefused<v1::GetVersionRequest>(*registry_, &v1::RegistryService::Stub::GetVersion,
                                       "name: 'acme/greeting' ", cases);
}

TEST_F(ValuesTest, Changes) {
  const Bad cases[] = {
      {"description: 'x' request_id: 'a\\nb'", "BAD_REQUEST_ID", "request_id"},
      {"description: 'x' request_id: '" + std::string(65, 'r') + "'", "BAD_REQUEST_ID",
       "request_id"},
      {"description: 'x\\000'", "BAD_DESCRIPTION", "description"},
      {"description: '\\033[2J'", "BAD_DESCRIPTION", "description"},
      {"description: '" + std::string(4097, 'd') + "'", "BAD_DESCRIPTION", "description"},
  };
  ExpectRefused<v1::PublishRequest>(*registry_, &v1::RegistryService::Stub::Publish,
                                    "repository: 'acme' ", cases);
  ExpectRefused<v1::UpdateLabelRequest>(*registry_, &v1::RegistryService::Stub::UpdateLabel,
                                        "name: 'acme/greeting@beta' targets { targets { version: 1 "
                                        "} } ",
                                        cases);
  ExpectRefused<v1::DeleteLabelRequest>(*registry_, &v1::RegistryService::Stub::DeleteLabel,
                                        "name: 'acme/greeting@production' ", cases);
}

TEST_F(ValuesTest, WatchChanges) {
  for (const char* interval : {"seconds: -1", "", "seconds: 601", "nanos: -5",
                               "seconds: 1 nanos: -1", "seconds: 9223372036854775807"}) {
    grpc::ClientContext context;
    Prepare(&context);
    auto reader = registry_->WatchChanges(
        &context, FromText<v1::WatchChangesRequest>(
                      std::string("repository: 'acme' heartbeat_interval { ") + interval + " }"));
    v1::WatchChangesResponse message;
    EXPECT_FALSE(reader->Read(&message));
    const absl::Status status = FromGrpc(reader->Finish());
    EXPECT_THAT(status, ErrorIs(StatusCode::kInvalidArgument, "BAD_HEARTBEAT_INTERVAL"))
        << interval;
    EXPECT_EQ(MetadataOf(status)["field"], "heartbeat_interval");
  }
}

TEST_F(ValuesTest, StreamComplete) {
  for (const Bad& bad : kBadTimeouts) {
    grpc::ClientContext context;
    Prepare(&context);
    auto reader = completion_->StreamComplete(
        &context, FromText<v1::StreamCompleteRequest>("call { " + (kName + bad.text) + " }"));
    v1::StreamCompleteResponse message;
    EXPECT_FALSE(reader->Read(&message));
    EXPECT_THAT(FromGrpc(reader->Finish()), ErrorIs(StatusCode::kInvalidArgument, bad.reason))
        << bad.text;
  }
  EXPECT_EQ(RecordCount(), 0);
}

TEST_F(ValuesTest, MediaOfATemplateAndAVariable) {
  Publish("picture", "---\nmodel: scripted/small\n---\n{{media url=url}}Look.\n");
  for (const char* url : {"http://169.254.169.254/", "https://u:p@example.com/",
                          "https://10.0.0.1/", "data:image/png;base64,%%%"}) {
    v1::CompleteRequest request;
    request.set_name("acme/picture");
    (*request.mutable_variables()->mutable_fields())["url"].set_string_value(url);
    EXPECT_THAT(Call(*completion_, &v1::CompletionService::Stub::Complete, request),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED", HasSubstr("messages[0]")))
        << url;
    v1::RenderRequest render;
    render.set_name("acme/picture");
    *render.mutable_variables() = request.variables();
    EXPECT_THAT(Call(*completion_, &v1::CompletionService::Stub::Render, render),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED"))
        << url;
  }
  EXPECT_EQ(RecordCount(), 0);
}

}  // namespace
}  // namespace colophon
