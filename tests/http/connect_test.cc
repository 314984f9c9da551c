// Every method by the Connect protocol, from a real socket.

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/http/connect_wire.h"
#include "tests/http/raw_client.h"
#include "tests/rpc/rpc_fixture.h"
#include "tests/testing/eventually.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kGreeting[] =
    "---\nmodel: scripted/one\ninput: {schema: {name: string}}\n---\nGreet {{name}}.\n";

class ConnectTest : public RpcFixture {
 protected:
  void SetUp() override {
    options_.config.http_listen = *ListenAddress::Parse("127.0.0.1:0");
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
  }

  int port() const { return server_->http_address()->port; }
};

TEST_F(ConnectTest, AnswersAMethodInJson) {
  const RawResponse response =
      PostJson(port(), "RegistryService/GetVersion", R"({"name":"acme/greeting"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  EXPECT_THAT(response.body, HasSubstr(R"("name":"acme/greeting@v1")"));
  EXPECT_THAT(response.body, HasSubstr(R"("label":"production")"));
}

TEST_F(ConnectTest, AnswersAMethodInProtobuf) {
  v1::GetVersionRequest request;
  request.set_name("acme/greeting");
  RawClient client(port());
  client.Send("POST", "/colophon.v1.RegistryService/GetVersion",
              {"Content-Type: application/proto", "Connect-Protocol-Version: 1"},
              request.SerializeAsString());
  const RawResponse response = client.Read();
  EXPECT_EQ(response.headers.at("content-type"), "application/proto");
  v1::GetVersionResponse version;
  ASSERT_TRUE(version.ParseFromString(response.body));
  EXPECT_EQ(version.version().name(), "acme/greeting@v1");
}

TEST_F(ConnectTest, AnswersGetOfWhatChangesNothing) {
  const std::string path = "/colophon.v1.RegistryService/";
  RawClient client(port());
  client.Send("GET",
              path + "GetVersion?encoding=json&connect=v1&message=" +
                  "%7B%22name%22:%22acme/greeting%22%7D",
              {});
  EXPECT_THAT(client.Read().body, HasSubstr("acme/greeting@v1"));
  v1::GetVersionRequest request;
  request.set_name("acme/greeting");
  client.Send("GET",
              path + "GetVersion?encoding=proto&base64=1&message=" +
                  absl::WebSafeBase64Escape(request.SerializeAsString()),
              {});
  EXPECT_THAT(client.Read().body, HasSubstr("acme/greeting@v1"));
  client.Send("GET", path + "Publish?encoding=json&message=%7B%7D", {});
  const RawResponse refused = client.Read();
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.at("allow"), "POST");
}

TEST_F(ConnectTest, ACallLeavesARecordThatTheHeaderNames) {
  const RawResponse response = PostJson(port(), "CompletionService/Complete",
                                        R"({"name":"acme/greeting","variables":{"name":"Ada"}})",
                                        {"Colophon-Caller: web",
                                         "traceparent: 00-0af7651916cd43dd8448eb211c80319c-"
                                         "b7ad6b7169203331-01"});
  ASSERT_EQ(response.status, 200) << response.body;
  v1::GetRecordRequest request;
  request.set_id(response.headers.at("colophon-record"));
  ASSERT_OK_AND_ASSIGN(const auto record,
                       Call(*record_, &v1::RecordService::Stub::GetRecord, request));
  EXPECT_EQ(record.record().intent().caller(), "web");
  EXPECT_THAT(record.record().intent().traceparent(),
              HasSubstr("0af7651916cd43dd8448eb211c80319c"));
  EXPECT_THAT(response.body, HasSubstr("Hello there"));
}

TEST_F(ConnectTest, StreamsMessagesInEnvelopes) {
  RawClient client(port());
  client.Send("POST", "/colophon.v1.CompletionService/StreamComplete",
              {"Content-Type: application/connect+json"},
              Envelope(R"({"call":{"name":"acme/greeting","variables":{"name":"Ada"}}})"));
  const RawResponse head = client.ReadHead();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-type"), "application/connect+json");
  const std::string record = head.headers.at("colophon-record");
  std::vector<std::string> messages;
  for (std::string chunk = client.ReadChunk(); !chunk.empty(); chunk = client.ReadChunk()) {
    messages.push_back(chunk);
  }
  ASSERT_EQ(messages.size(), 5u);  // The start, two pieces, the response, the end.
  EXPECT_THAT(messages[0], HasSubstr(record));
  EXPECT_THAT(messages[1], HasSubstr("Hello"));
  EXPECT_THAT(messages[3], HasSubstr(R"("response")"));
  EXPECT_EQ(messages[4], Envelope("{}", true));
  // The connection goes on.
  client.Send("GET", "/healthz", {});
  EXPECT_EQ(client.Read().body, "ok\n");
}

TEST_F(ConnectTest, FailuresHaveStatusCodeAndReason) {
  const std::string get = "RegistryService/GetVersion";
  struct Case {
    std::string what;
    RawResponse response;
    int status;
    std::string code, words;
  };
  const std::string valid = R"({"name":"acme/greeting"})";
  const auto post = [&](const std::vector<std::string>& headers, const std::string& body,
                        const std::string& method = "RegistryService/GetVersion") {
    RawClient client(port());
    client.Send("POST", "/colophon.v1." + method, headers, body);
    return client.Read();
  };
  const std::string json = "Content-Type: application/json";
  const std::vector<Case> cases = {
      {"no such prompt", post({json}, R"({"name":"acme/x"})"), 404, "not_found",
       "PROMPT_NOT_FOUND"},
      {"no JSON", post({json}, "{"), 400, "invalid_argument", "BAD_REQUEST"},
      {"no such field", post({json}, R"({"nam":"x"})"), 400, "invalid_argument", "nam"},
      {"no content type", post({}, valid), 400, "invalid_argument", "application/json"},
      {"a stream's type", post({"Content-Type: application/connect+json"}, valid), 400,
       "invalid_argument", "GetVersion takes application/json"},
      {"a message's type", post({json}, R"({"repository":"acme"})", "RegistryService/WatchChanges"),
       400, "invalid_argument", "WatchChanges takes application/connect+json"},
      {"compressed", post({json, "Content-Encoding: gzip"}, valid), 501, "unimplemented",
       "NOT_IMPLEMENTED"},
      {"another protocol", post({json, "Connect-Protocol-Version: 2"}, valid), 400,
       "invalid_argument", "version 1"},
      {"two callers", post({json, "Colophon-Caller: a", "Colophon-Caller: b"}, valid), 400,
       "invalid_argument", "BAD_CALLER"},
      {"a timeout", post({json, "Connect-Timeout-Ms: soon"}, valid), 400, "invalid_argument",
       "Connect-Timeout-Ms"},
      {"no such method", post({json}, valid, "RegistryService/Nothing"), 404, "unimplemented",
       "there is no"},
      {"a page", post({json, "Origin: https://evil.example"}, valid), 403, "permission_denied",
       "ORIGIN_NOT_ALLOWED"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(c.response.status, c.status);
    EXPECT_THAT(c.response.body, HasSubstr(fmt::format(R"({{"code":"{}","message")", c.code)));
    EXPECT_THAT(c.response.body, HasSubstr(c.words));
  }
  const RawResponse end =
      post({"Content-Type: application/connect+json"}, Envelope(R"({"repository":"nothing"})"),
           "RegistryService/WatchChanges");
  EXPECT_EQ(end.status, 200);  // As the protocol has it: a stream's error is its end.
  EXPECT_THAT(end.body, HasSubstr(R"({"error":{"code":"not_found")"));
}

TEST_F(ConnectTest, WhoLeavesAStreamEndsIt) {
  const auto watchers = [&] {
    return Call(*admin_, &v1::AdminService::Stub::GetServerInfo, {})->watcher_count();
  };
  {
    RawClient client(port());
    client.Send("POST", "/colophon.v1.RegistryService/WatchChanges",
                {"Content-Type: application/connect+json"}, Envelope(R"({"repository":"acme"})"));
    ASSERT_TRUE(Eventually([&] { return watchers() == 1; }));
  }
  EXPECT_TRUE(Eventually([&] { return watchers() == 0; }));
}

TEST_F(ConnectTest, AStopEndsStreamsAndConnections) {
  RawClient idle(port());
  idle.Send("GET", "/readyz", {});
  EXPECT_EQ(idle.Read().status, 200);
  RawClient stream(port());
  stream.Send("POST", "/colophon.v1.RegistryService/WatchChanges",
              {"Content-Type: application/connect+json"}, Envelope(R"({"repository":"acme"})"));
  EXPECT_TRUE(Eventually([&] {
    return Call(*admin_, &v1::AdminService::Stub::GetServerInfo, {})->watcher_count() == 1;
  }));
  server_->Stop();
  EXPECT_THAT(stream.Read().body, HasSubstr(R"({"error":{"code":"unavailable")"));
  EXPECT_TRUE(idle.IsClosed());
}

class GatedConnectTest : public ConnectTest {
 protected:
  void SetUp() override {
    Script({{Step{.gate = gate_}, Step{.text = "late"}}});
    ConnectTest::SetUp();
  }
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
};

TEST_F(GatedConnectTest, ACallWhoseTimeIsOverIsToldSoAndRecorded) {
  const RawResponse response = PostJson(port(), "CompletionService/Complete",
                                        R"({"name":"acme/greeting","variables":{"name":"Ada"}})",
                                        {"Connect-Timeout-Ms: 300"});
  EXPECT_EQ(response.status, 504);
  EXPECT_THAT(response.body, HasSubstr(R"("code":"deadline_exceeded")"));
  v1::GetRecordRequest request;
  request.set_id(response.headers.at("colophon-record"));
  ASSERT_OK_AND_ASSIGN(const auto record,
                       Call(*record_, &v1::RecordService::Stub::GetRecord, request));
  EXPECT_THAT(record.record().outcome().status(), Not(v1::RECORD_STATUS_OK));
  gate_->Open();
}

TEST_F(GatedConnectTest, WhoLeavesACallCancelsIt) {
  {
    RawClient client(port());
    client.Send("POST", "/colophon.v1.CompletionService/Complete",
                {"Content-Type: application/json"},
                R"({"name":"acme/greeting","variables":{"name":"Ada"}})");
    ASSERT_TRUE(gate_->WaitForArrivals(1));
  }
  v1::ListRecordsRequest list;
  list.set_name("acme");
  list.set_filter("status = cancelled");
  EXPECT_TRUE(Eventually([&] {
    const auto records = Call(*record_, &v1::RecordService::Stub::ListRecords, list);
    return records.ok() && records->records_size() == 1;
  }));
  gate_->Open();
}

class CorsTest : public ConnectTest {
 protected:
  void SetUp() override {
    options_.config.http_cors_origins = {"https://console.example.com"};
    ConnectTest::SetUp();
  }
};

TEST_F(CorsTest, PagesThatAreNamedMayCall) {
  RawClient client(port());
  const std::string origin = "Origin: https://console.example.com";
  client.Send("OPTIONS", "/colophon.v1.RegistryService/GetVersion",
              {origin, "Access-Control-Request-Method: POST"});
  const RawResponse preflight = client.Read();
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.at("access-control-allow-origin"), "https://console.example.com");
  EXPECT_EQ(preflight.headers.at("access-control-allow-methods"), "GET, POST");
  EXPECT_THAT(preflight.headers.at("access-control-allow-headers"), HasSubstr("content-type"));
  const RawResponse answer =
      PostJson(port(), "RegistryService/GetVersion", R"({"name":"acme/greeting"})", {origin});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://console.example.com");
  EXPECT_EQ(answer.headers.at("access-control-expose-headers"),
            "colophon-record, colophon-version, colophon-commit");
  const RawResponse refused =
      PostJson(port(), "RegistryService/GetVersion", R"({"name":"acme/greeting"})",
               {"Origin: https://other.example.com"});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.headers.count("access-control-allow-origin"), 0u);
}

}  // namespace
}  // namespace colophon
