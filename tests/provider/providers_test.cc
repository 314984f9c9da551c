#include "service/provider/providers.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "service/provider/echo.h"
#include "tests/provider/answers.h"
#include "tests/provider/calls.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;

class ProvidersTest : public testing::Test {
 protected:
  ~ProvidersTest() override {
    executor_.Stop();
    providers_.reset();
  }

  // The fields of one provider each; status of Create.
  absl::Status Create(const std::vector<std::string>& texts) {
    ProviderConfigs configs;
    for (const std::string& text : texts) {
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, configs.Add())) << text;
    }
    auto created = Providers::Create(configs, &executor_, nullptr);
    if (created.ok()) providers_ = *std::move(created);
    return created.status();
  }

  ScopedVariable openai_key_{"OPENAI_API_KEY", nullptr};
  ScopedVariable openai_url_{"OPENAI_BASE_URL", nullptr};
  ScopedVariable anthropic_key_{"ANTHROPIC_API_KEY", nullptr};
  ScopedVariable anthropic_url_{"ANTHROPIC_BASE_URL", nullptr};
  ScopedVariable own_key_{"TEST_PROVIDER_KEY", "sk-own-0123456789"};
  Executor executor_{2};
  std::unique_ptr<Providers> providers_;
};

TEST_F(ProvidersTest, WithoutConfigurationThereIsEcho) {
  ASSERT_OK(Create({}));
  EXPECT_THAT(providers_->names(), ElementsAre("echo"));
  ASSERT_OK_AND_ASSIGN(const ProviderModel found, providers_->Find("echo/any/thing"));
  EXPECT_EQ(found.model, "any/thing");
}

TEST_F(ProvidersTest, WithoutConfigurationTheEnvironmentAdds) {
  const ScopedVariable openai("OPENAI_API_KEY", "sk-openai-0123456789");
  const ScopedVariable anthropic("ANTHROPIC_API_KEY", "sk-anthropic-0123456789");
  ASSERT_OK(Create({}));
  EXPECT_THAT(providers_->names(), ElementsAre("anthropic", "echo", "openai"));
}

TEST_F(ProvidersTest, TakesBaseUrlsOfTheEnvironmentAsTheVendorsDo) {
  ModelServer server;
  server.SetHandler([](const ModelRequest& request) {
    return request.target == "/v1/messages" ? AnthropicAnswer("a") : OpenAiAnswer("o");
  });
  const std::string root = "http://127.0.0.1:" + std::to_string(server.port());
  const ScopedVariable openai_key("OPENAI_API_KEY", "sk-openai-0123456789");
  const ScopedVariable openai_url("OPENAI_BASE_URL", (root + "/v1").c_str());
  const ScopedVariable anthropic_key("ANTHROPIC_API_KEY", " sk-anthropic-0123456789\n");
  const ScopedVariable anthropic_url("ANTHROPIC_BASE_URL", root.c_str());
  ASSERT_OK(Create({}));
  for (const char* model : {"openai/m", "anthropic/m"}) {
    ASSERT_OK_AND_ASSIGN(const ProviderModel found, providers_->Find(model));
    EXPECT_OK(CallAsync(executor_.loop(0), found.provider, RequestFor(false)).get().end);
  }
  const std::vector<ModelRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].target, "/v1/chat/completions");
  EXPECT_EQ(requests[0].headers.at("authorization"), "Bearer sk-openai-0123456789");
  EXPECT_EQ(requests[1].target, "/v1/messages");
  EXPECT_EQ(requests[1].headers.at("x-api-key"), "sk-anthropic-0123456789");
  EXPECT_EQ(requests[1].headers.at("anthropic-version"), "2023-06-01");
  EXPECT_FALSE(requests[1].headers.contains("authorization"));
}

TEST_F(ProvidersTest, AWrongVariableIsNamed) {
  const ScopedVariable key("OPENAI_API_KEY", "sk-openai-0123456789");
  const ScopedVariable url("OPENAI_BASE_URL", "http://example.com/v1");
  EXPECT_THAT(Create({}), ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG",
                                  HasSubstr("environment: provider openai.base_url")));
}

TEST_F(ProvidersTest, SendsWhatIsConfiguredForAzure) {
  ModelServer server;
  server.SetHandler([](const ModelRequest&) { return OpenAiAnswer("o"); });
  ASSERT_OK(Create({R"(name: "azure" kind: KIND_OPENAI
          path: "/openai/deployments/{model}/chat/completions"
          query: "api-version=2024-10-21"
          api_key_env: "TEST_PROVIDER_KEY" api_key_header: "Api-Key"
          headers { key: "X-Team" value: "support" })" +
                    fmt::format("base_url: \"http://127.0.0.1:{}/\"", server.port())}));
  ASSERT_OK_AND_ASSIGN(const ProviderModel found, providers_->Find("azure/my gpt/..\r\nx: y?#"));
  ProviderRequest request = RequestFor(false);
  request.model = found.model;
  request.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_OK(CallAsync(executor_.loop(1), found.provider, request).get().end);
  request.traceparent = "00-1\r\nx-evil: 1";
  EXPECT_OK(CallAsync(executor_.loop(1), found.provider, request).get().end);
  const std::vector<ModelRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  const ModelRequest& got = requests[0];
  EXPECT_EQ(got.method, "POST");
  EXPECT_EQ(got.target,
            "/openai/deployments/my%20gpt%2F..%0D%0Ax%3A%20y%3F%23/chat/completions"
            "?api-version=2024-10-21");
  EXPECT_EQ(got.headers.at("api-key"), "sk-own-0123456789");
  EXPECT_EQ(got.headers.at("x-team"), "support");
  EXPECT_EQ(got.headers.at("content-type"), "application/json");
  EXPECT_EQ(got.headers.at("traceparent"),
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(got.body, request.body);
  for (const char* absent : {"authorization", "expect", "accept-encoding", "x"}) {
    EXPECT_FALSE(got.headers.contains(absent)) << absent;
  }
  EXPECT_FALSE(requests[1].headers.contains("traceparent"));
  EXPECT_FALSE(requests[1].headers.contains("x-evil"));
}

TEST_F(ProvidersTest, TheVendorsKeyGoesToTheVendorOnly) {
  const ScopedVariable key("OPENAI_API_KEY", "sk-vendor-0123456789");
  ModelServer server;
  server.SetHandler([](const ModelRequest&) { return OpenAiAnswer("o"); });
  ASSERT_OK(Create({R"(name: "ollama" kind: KIND_OPENAI base_url: ")" + server.base_url() + "\""}));
  EXPECT_OK(CallAsync(executor_.loop(0), providers_->Find("ollama/m")->provider, RequestFor(false))
                .get()
                .end);
  EXPECT_FALSE(server.requests().at(0).headers.contains("authorization"));
}

TEST_F(ProvidersTest, NoProxyOfTheEnvironmentIsUsed) {
  const ScopedVariable http_proxy("http_proxy", "http://127.0.0.1:1");
  const ScopedVariable all_proxy("ALL_PROXY", "http://127.0.0.1:1");
  const ScopedVariable no_proxy("no_proxy", nullptr);
  ModelServer server;
  server.SetHandler([](const ModelRequest&) { return OpenAiAnswer("o"); });
  ASSERT_OK(Create({R"(name: "m" kind: KIND_OPENAI base_url: ")" + server.base_url() + "\""}));
  EXPECT_OK(
      CallAsync(executor_.loop(0), providers_->Find("m/m")->provider, RequestFor(false)).get().end);
}

TEST_F(ProvidersTest, ChoosesTheTokenLimitsNameByTheServer) {
  const v1::Rendered rendered = Parsed(R"(messages {
                                              role: ROLE_USER
                                              parts { text: "x" }
                                            }
                                            config {
                                              fields {
                                                key: "maxOutputTokens"
                                                value { number_value: 9 }
                                              }
                                            })");
  const std::pair<const char*, const char*> cases[] = {
      {"https://api.openai.com/v1", "\"max_completion_tokens\":9"},
      {"https://eu.api.openai.com/v1", "\"max_completion_tokens\":9"},
      {"https://team.openai.azure.com", "\"max_completion_tokens\":9"},
      {"https://api.openai.com.evil.example/v1", "\"max_tokens\":9"},
      {"http://localhost:11434/v1", "\"max_tokens\":9"},
  };
  for (const auto& [url, parameter] : cases) {
    ASSERT_OK(Create({fmt::format(R"(name: "p"
                                       kind: KIND_OPENAI
                                       base_url: "{}"
                                       api_key_env: "TEST_PROVIDER_KEY")",
                                  url)}));
    ASSERT_OK_AND_ASSIGN(const std::string body,
                         providers_->Find("p/m")->provider->Encode(rendered, "m", false));
    EXPECT_THAT(body, HasSubstr(parameter)) << url;
  }
}

TEST_F(ProvidersTest, EveryErrorNamesItsField) {
  const std::string good = R"(name: "p" kind: KIND_OPENAI base_url: "http://localhost:1")";
  const struct {
    std::string config;
    const char* field;
  } cases[] = {
      {R"(kind: KIND_OPENAI)", "providers[0].name"},
      {R"(name: "Open AI" kind: KIND_OPENAI)", "providers[0].name"},
      {R"(name: "a/b" kind: KIND_OPENAI)", "providers[0].name"},
      {"name: \"" + std::string(33, 'a') + "\" kind: KIND_OPENAI", "providers[0].name"},
      {R"(name: "echo" kind: KIND_OPENAI)", "providers[0].name"},
      {R"(name: "p")", "providers[0].kind"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "file:///etc/passwd")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "gopher://h")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "nonsense")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "https://u:p@h/v1")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "https://u@h/v1")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "https://h/v1?key=1")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "https://h/v1\r\nx")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "http://h/v1")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "http://10.0.0.1")", "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "http://127.0.0.1.evil.example")",
       "providers[0].base_url"},
      {R"(name: "p" kind: KIND_OPENAI base_url: "http://[::ffff:127.0.0.1]")",
       "providers[0].base_url"},
      {good + R"(path: "chat")", "providers[0].path"},
      {good + R"(path: "/chat?x=1")", "providers[0].path"},
      {good + R"(query: "a=b#c")", "providers[0].query"},
      {good + R"(query: "a=b c")", "providers[0].query"},
      {good + R"(headers { key: "a b" value: "" })", "providers[0].headers"},
      {good + R"(headers { key: "x" value: "a\r\ny: b" })", "providers[0].headers"},
      {good + R"(headers { key: "Host" value: "h" })", "providers[0].headers"},
      {good + R"(headers { key: "Authorization" value: "Bearer x" })", "providers[0].headers"},
      {good + R"(api_key_header: "a: b")", "providers[0].api_key_header"},
      {good + R"(connect_timeout_ms: -1)", "providers[0].connect_timeout_ms"},
      {good + R"(first_byte_timeout_ms: -1)", "providers[0].first_byte_timeout_ms"},
      {good + R"(idle_timeout_ms: -1)", "providers[0].idle_timeout_ms"},
      {good + R"(total_timeout_ms: -1)", "providers[0].total_timeout_ms"},
      {good + R"(max_response_bytes: -1)", "providers[0].max_response_bytes"},
      {good + R"(ca_file: "/no/such/file")", "providers[0].ca_file"},
  };
  for (const auto& test : cases) {
    const absl::Status status = Create({test.config});
    EXPECT_THAT(status, ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG", HasSubstr(test.field)))
        << test.config;
    EXPECT_EQ(MetadataOf(status)["field"], test.field);
  }
  EXPECT_THAT(Create({good, good}),
              ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG", HasSubstr("providers[1].name")));
  EXPECT_OK(Create({good + "insecure_cleartext: true"}));
  EXPECT_OK(Create({R"(name: "p"
                         kind: KIND_OPENAI
                         base_url: "http://10.0.0.1"
                         insecure_cleartext: true)"}));
}

TEST_F(ProvidersTest, AMissingKeyNamesItsVariable) {
  EXPECT_THAT(Create({R"(name: "openai" kind: KIND_OPENAI)"}),
              ErrorIs(StatusCode::kFailedPrecondition, "PROVIDER_KEY_MISSING",
                      HasSubstr("OPENAI_API_KEY")));
  EXPECT_THAT(
      Create({R"(name: "a" kind: KIND_ANTHROPIC api_key_env: "NO_SUCH_KEY")"}),
      ErrorIs(StatusCode::kFailedPrecondition, "PROVIDER_KEY_MISSING", HasSubstr("NO_SUCH_KEY")));
}

TEST_F(ProvidersTest, AKeyThatWouldBreakTheHeaderIsRefusedAndNotShown) {
  const ScopedVariable key("TEST_PROVIDER_KEY", "sk-secret\nx-evil: 1");
  const absl::Status status = Create({R"(name: "p"
                                           kind: KIND_OPENAI
                                           base_url: "https://h"
                                           api_key_env: "TEST_PROVIDER_KEY")"});
  EXPECT_THAT(status,
              ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG", HasSubstr("api_key_env")));
  EXPECT_THAT(status.ToString(), testing::Not(HasSubstr("secret")));
}

// Kind: an error of the configuration that shows a secret.
TEST_F(ProvidersTest, WhatMayBeASecretIsNotShown) {
  const ScopedVariable key("TEST_PROVIDER_KEY", "hunter2");
  const std::string good = R"(name: "p" kind: KIND_OPENAI base_url: "https://h" )";
  for (const std::string wrong :
       {R"(query: "key=hunter2 ")", R"(query: "key=hunter2")", R"(path: "/x?key=hunter2")",
        R"(headers { key: "x-token" value: "hunter2" })", R"(api_key_env: "TEST_PROVIDER_KEY")"}) {
    const absl::Status status = Create({good + wrong});
    EXPECT_THAT(status, ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG")) << wrong;
    EXPECT_THAT(status.ToString(), testing::Not(HasSubstr("hunter2"))) << wrong;
  }
}

TEST_F(ProvidersTest, FindRefusesWhatIsNoModelOrNoProvider) {
  ASSERT_OK(Create({}));
  for (const char* model : {"", "gpt-4o", "/gpt-4o", "openai/"}) {
    EXPECT_THAT(providers_->Find(model).status(),
                ErrorIs(StatusCode::kInvalidArgument, "BAD_MODEL", HasSubstr(model)));
  }
  EXPECT_THAT(providers_->Find("openai/gpt-4o").status(),
              ErrorIs(StatusCode::kFailedPrecondition, "PROVIDER_UNKNOWN", HasSubstr("echo")));
  providers_->Add("mine", std::make_unique<EchoProvider>());
  EXPECT_OK(providers_->Find("mine/x").status());
}

}  // namespace
}  // namespace colophon
