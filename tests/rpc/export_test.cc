// ExportRecords: everything once, newest first, wherever it was broken off.

#include <memory>
#include <vector>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

class ExportTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
  }

  // Their ids, the newest first.
  std::vector<std::string> Record(int count, const std::string& name = "Ada") {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      v1::CreateRecordRequest request;
      request.set_name("acme/greeting");
      request.set_variables_json(R"({"name": ")" + name + "\"}");
      request.mutable_completion()->mutable_message()->add_parts()->set_text(
          fmt::format("Hello {}", i));
      const auto created = Call(*record_, &v1::RecordService::Stub::CreateRecord, request);
      EXPECT_OK(created);
      if (created.ok()) ids.insert(ids.begin(), created->record().id());
    }
    return ids;
  }

  struct Exported {
    std::vector<v1::ExportedRecord> records;
    std::string token;  // Of the last message.
    int messages = 0;
    absl::Status status;

    std::vector<std::string> ids() const {
      std::vector<std::string> all;
      for (const v1::ExportedRecord& exported : records) all.push_back(exported.record().id());
      return all;
    }
  };

  // Takes so many messages, then leaves; 0: all.
  Exported Export(const std::string& text, int most = 0) {
    grpc::ClientContext context;
    Prepare(&context);
    const auto reader = record_->ExportRecords(&context, FromText<v1::ExportRecordsRequest>(text));
    Exported exported;
    v1::ExportRecordsResponse response;
    while ((most == 0 || exported.messages < most) && reader->Read(&response)) {
      ++exported.messages;
      exported.token = response.resume_token();
      for (v1::ExportedRecord& record : *response.mutable_records()) {
        exported.records.push_back(std::move(record));
      }
    }
    if (most != 0) context.TryCancel();
    exported.status = FromGrpc(reader->Finish());
    return exported;
  }
};

TEST_F(ExportTest, HasEveryRecordOnceAndWhole) {
  const std::vector<std::string> ids = Record(3, std::string(300 << 10, 'x'));
  const Exported all = Export("name: 'acme'");
  EXPECT_OK(all.status);
  EXPECT_THAT(all.ids(), ElementsAreArray(ids));
  EXPECT_EQ(all.token, "");
  for (const v1::ExportedRecord& exported : all.records) {
    EXPECT_FALSE(exported.record().shortened());
    EXPECT_GT(exported.record().intent().variables_json().size(), 300u << 10);
    EXPECT_FALSE(exported.has_rendered());
  }
}

TEST_F(ExportTest, RendersAgainWhatWasSent) {
  Record(2);
  const Exported all = Export("name: 'acme/greeting' rendered: true");
  ASSERT_OK(all.status);
  ASSERT_EQ(all.records.size(), 2u);
  for (const v1::ExportedRecord& exported : all.records) {
    EXPECT_THAT(exported.rendered().messages(0).parts(0).text(), HasSubstr("Greet Ada."));
    EXPECT_EQ(exported.rendered_error(), "");
  }
}

TEST_F(ExportTest, OnlyWhatTheFilterMatches) {
  const std::vector<std::string> ids = Record(3);
  EXPECT_EQ(Export("name: 'acme' filter: 'output : \"hello 1\"'").ids(), std::vector{ids[1]});
  EXPECT_THAT(Export("name: 'acme' filter: 'output : \"bye\"'").ids(), IsEmpty());
}

// As a client that lost its connection goes on, while records arrive.
TEST_F(ExportTest, GoesOnBehindWhatWasTaken) {
  constexpr int kCount = 120;  // A message has at most 50 that are rendered.
  const std::vector<std::string> ids = Record(kCount);
  std::vector<std::string> taken;
  std::string token;
  int calls = 0;
  do {
    const Exported some =
        Export(fmt::format("name: 'acme' rendered: true resume_token: '{}'", token), 1);
    ASSERT_EQ(some.messages, 1);
    for (const std::string& id : some.ids()) taken.push_back(id);
    token = some.token;
    ++calls;
    Record(1);
  } while (!token.empty() && calls < 100);
  EXPECT_THAT(taken, ElementsAreArray(ids));
  EXPECT_GE(calls, 3);
}

TEST_F(ExportTest, SaysHowFarBackItHasCome) {
  Record(60);
  grpc::ClientContext context;
  Prepare(&context);
  const auto reader = record_->ExportRecords(
      &context, FromText<v1::ExportRecordsRequest>("name: 'acme' rendered: true"));
  v1::ExportRecordsResponse first;
  ASSERT_TRUE(reader->Read(&first));
  ASSERT_EQ(first.records_size(), 50);
  const auto& last = first.records(49).record().intent().start_time();
  EXPECT_LE(absl::AbsDuration(FromProto(first.reached_time()) - FromProto(last)),
            absl::Milliseconds(1));
  v1::ExportRecordsResponse second;
  ASSERT_TRUE(reader->Read(&second));
  EXPECT_EQ(second.records_size(), 10);
  EXPECT_FALSE(second.has_reached_time());
  EXPECT_FALSE(reader->Read(&second));
  EXPECT_OK(FromGrpc(reader->Finish()));
}

TEST_F(ExportTest, FailuresHaveCodeAndReason) {
  Record(60);
  const std::string token = Export("name: 'acme' rendered: true", 1).token;
  ASSERT_NE(token, "");
  const auto fail = [&](const std::string& text) { return Export(text).status; };
  ExpectFailures({
      {"no such repository", fail("name: 'nowhere'"), StatusCode::kNotFound,
       "REPOSITORY_NOT_FOUND"},
      {"no such prompt", fail("name: 'acme/greting'"), StatusCode::kNotFound, "PROMPT_NOT_FOUND"},
      {"a filter", fail("name: 'acme' filter: 'latency > fast'"), StatusCode::kInvalidArgument,
       "BAD_FILTER"},
      {"a token", fail("name: 'acme' resume_token: 'x'"), StatusCode::kInvalidArgument,
       "BAD_PAGE_TOKEN"},
      {"another export's token",
       fail("name: 'acme' filter: 'status = ok' rendered: true resume_token: '" + token + "'"),
       StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"},
      {"the token of one that isn't rendered", fail("name: 'acme' resume_token: '" + token + "'"),
       StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"},
  });
}

}  // namespace
}  // namespace colophon
