#include "service/rpc/listener.h"

#include "tests/rpc/rpc_fixture.h"
#include "tests/testing/eventually.h"
#include "tests/testing/http2_connection.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

TEST(ListenerTest, SaysWhyAnAddressCantBeHad) {
  const struct {
    const char* host;
    int port;
    const char* says;
  } kCases[] = {
      {"192.0.2.1", 0, "can't listen on 192.0.2.1:0: Cannot assign requested address"},
      {"2001:db8::1", 0, "can't listen on [2001:db8::1]:0"},
  };
  for (const auto& [host, port, says] : kCases) {
    const absl::Status status = Listener::Bind(host, port, 10).status();
    EXPECT_THAT(status, ErrorIs(StatusCode::kFailedPrecondition, "CANT_LISTEN"));
    EXPECT_THAT(MessageOf(status), HasSubstr(says));
  }
}

class FewConnectionsTest : public RpcFixture {
 protected:
  FewConnectionsTest() { options_.config.max_connections = 3; }

  absl::Status CallOnNewConnection() {
    const auto admin = v1::AdminService::NewStub(NewChannel());
    return Call(*admin, &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest())
        .status();
  }
};

TEST_F(FewConnectionsTest, OneMoreWaitsUntilOneIsClosed) {
  auto first = std::make_unique<Http2Connection>(server_->port());
  auto second = std::make_unique<Http2Connection>(server_->port());
  EXPECT_OK(CallOnNewConnection());  // The third, which goes at once.
  auto third = std::make_unique<Http2Connection>(server_->port());
  auto fourth = std::make_unique<Http2Connection>(server_->port());
  EXPECT_TRUE(third->Read(30'000));  // The server's hello,
  EXPECT_FALSE(fourth->Read(200));   // for which this one waits.
  EXPECT_TRUE(fourth->is_open());
  second = nullptr;
  EXPECT_TRUE(fourth->Read(30'000));
}

TEST_F(FewConnectionsTest, WhoCallsIsKnownByItsAddress) {
  CreateRepository();
  Publish("greeting", kGreeting);
  auto called = Call(*completion_, &v1::CompletionService::Stub::Complete,
                     FromText<v1::CompleteRequest>(
                         "name: 'acme/greeting' "
                         "variables { fields { key: 'name' value { string_value: 'Ada' } } }"));
  ASSERT_OK(called);
  v1::GetRecordRequest request;
  request.set_id(called->record());
  ASSERT_OK_AND_ASSIGN(const auto record,
                       Call(*record_, &v1::RecordService::Stub::GetRecord, request));
  EXPECT_EQ(record.record().intent().caller(), "127.0.0.1");
}

class Ipv6Test : public RpcFixture {
 protected:
  void SetUp() override {}
};

TEST_F(Ipv6Test, ListensOnIpv6) {
  ServerOptions options;
  options.data_directory = directory_ / "data";
  options.config.listen = *ListenAddress::Parse("[::1]:0");
  auto server = Server::Start(options);
  if (!server.ok() && MessageOf(server.status()).find("can't listen") != std::string::npos) {
    GTEST_SKIP() << "no IPv6 here: " << server.status();
  }
  ASSERT_OK(server);
  server_ = *std::move(server);
  const auto admin = v1::AdminService::NewStub(NewChannel());
  EXPECT_OK(Call(*admin, &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest()));
}

}  // namespace
}  // namespace colophon
