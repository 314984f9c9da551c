// /metrics, as Prometheus reads it.

#include <string>

#include "gmock/gmock.h"
#include "tests/http/raw_client.h"
#include "tests/http/shape_fixture.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricsHttpTest : public ShapeFixture {
 protected:
  RawResponse Ask(const std::string& verb, const std::vector<std::string>& headers = {}) {
    RawClient client(port());
    client.Send(verb, "/metrics", headers);
    return client.Read();
  }
};

TEST_F(MetricsHttpTest, WhatHappenedIsThere) {
  Publish("greeting", kGreeting);
  v1::CompleteRequest call;
  call.set_name("acme/greeting");
  call.set_variables_json(R"({"name":"Ada"})");
  ASSERT_OK(Call(*completion_, &v1::CompletionService::Stub::Complete, call));
  PostJson(port(), "RegistryService/GetVersion", R"({"name":"acme/nothing"})");
  const RawResponse metrics = Ask("GET");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {R"(colophon_calls_total{code="OK",door="grpc",method="Complete"} 1)",
        R"(colophon_calls_total{code="NOT_FOUND",door="http",method="GetVersion"} 1)",
        R"(colophon_completions_total{model="scripted/small",status="ok"} 1)",
        "colophon_records 1\n", "colophon_repositories 1\n", "colophon_open_completions 0\n"}) {
    EXPECT_THAT(metrics.body, HasSubstr(line));
  }
  EXPECT_THAT(metrics.body, Not(HasSubstr("colophon_store_writes_total 0\n")));
  EXPECT_THAT(metrics.body, Not(HasSubstr("greeting"))) << "no prompt is a label";
}

TEST_F(MetricsHttpTest, OtherVerbsAreRefused) {
  const RawResponse head = Ask("HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(Ask("POST").status, 405);
}

TEST_F(MetricsHttpTest, WhereKeysAreRequiredAReaderOfAllReadsThem) {
  server_ = nullptr;
  options_.config.require_keys = true;
  Start();
  EXPECT_EQ(Ask("GET").status, 401);
}

}  // namespace
}  // namespace colophon
