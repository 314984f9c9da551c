#include "service/config.h"

#include <map>

#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using namespace std::string_literals;

using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfigTest, AnEmptyFileIsAllDefaults) {
  ASSERT_OK_AND_ASSIGN(const Config config, ParseConfig("", "c"));
  EXPECT_EQ(config.listen.text(), "127.0.0.1:50051");
  EXPECT_TRUE(config.listen.is_loopback);
  EXPECT_EQ(config.max_message_bytes, 4 << 20);
  EXPECT_EQ(config.max_open_completions, 10'000);
  EXPECT_EQ(config.max_connections, 0);
  EXPECT_EQ(config.max_streams_per_connection, 1'000);
  EXPECT_EQ(config.drain, absl::Seconds(20));
  EXPECT_FALSE(config.drain_when_caller_gone);
  EXPECT_GE(config.completion_threads, 1);
  EXPECT_EQ(config.store_cache_bytes, 256 << 20);
  EXPECT_EQ(config.min_free_bytes, 0);
  EXPECT_EQ(config.log_level, "info");
  EXPECT_EQ(config.providers.size(), 0);
}

TEST(ConfigTest, ReadsEveryField) {
  ASSERT_OK_AND_ASSIGN(const Config config, ParseConfig(R"pb(
                                                          listen: "[::1]:1234"
                                                          backup_directory: "/b"
                                                          max_message_bytes: 1024
                                                          max_open_completions: 7
                                                          max_connections: 8
                                                          max_streams_per_connection: 9
                                                          drain_seconds: 3
                                                          on_caller_gone: ON_CALLER_GONE_DRAIN
                                                          completion_threads: 5
                                                          store_cache_bytes: 9000000
                                                          min_free_bytes: 2000000
                                                          log_level: "warn"
                                                          providers {
                                                            name: "local"
                                                            kind: KIND_OPENAI
                                                            base_url: "http://127.0.0.1:11434/v1"
                                                          }
                                                        )pb",
                                                        "c"));
  EXPECT_EQ(config.listen.host, "::1");
  EXPECT_EQ(config.listen.port, 1234);
  EXPECT_TRUE(config.listen.is_loopback);
  EXPECT_EQ(config.backup_directory, "/b");
  EXPECT_EQ(config.max_message_bytes, 1024);
  EXPECT_EQ(config.max_open_completions, 7);
  EXPECT_EQ(config.max_connections, 8);
  EXPECT_EQ(config.max_streams_per_connection, 9);
  EXPECT_EQ(config.drain, absl::Seconds(3));
  EXPECT_TRUE(config.drain_when_caller_gone);
  EXPECT_EQ(config.completion_threads, 5);
  EXPECT_EQ(config.store_cache_bytes, 9'000'000);
  EXPECT_EQ(config.min_free_bytes, 2'000'000);
  EXPECT_EQ(config.log_level, "warn");
  ASSERT_EQ(config.providers.size(), 1);
  EXPECT_EQ(config.providers[0].base_url(), "http://127.0.0.1:11434/v1");
}

TEST(ConfigTest, FieldsThatDifferAreNamed) {
  const std::string providers = R"(providers { name: "a" kind: KIND_OPENAI base_url: )";
  const std::string before =
      providers + "\"https://a.example\" headers { key: \"x\" value: \"1\" } }";
  const std::map<std::string, std::string> after = {
      {"listen", R"(listen: "127.0.0.1:1")"},
      {"insecure_plaintext", "insecure_plaintext: true"},
      {"require_keys", "require_keys: true"},
      {"tls", "tls { certificate_file: \"c\" key_file: \"k\" }"},
      {"backup_directory", R"(backup_directory: "/b")"},
      {"max_message_bytes", "max_message_bytes: 1024"},
      {"max_open_completions", "max_open_completions: 7"},
      {"drain_seconds", "drain_seconds: 3"},
      {"on_caller_gone", "on_caller_gone: ON_CALLER_GONE_DRAIN"},
      {"providers", providers + "\"https://b.example\" headers { key: \"x\" value: \"1\" } }"},
      {"completion_threads", "completion_threads: 97"},
      {"store_cache_bytes", "store_cache_bytes: 9000000"},
      {"log_level", R"(log_level: "warn")"},
      {"max_connections", "max_connections: 8"},
      {"max_streams_per_connection", "max_streams_per_connection: 9"},
      {"min_free_bytes", "min_free_bytes: 2000000"},
      {"http_listen", R"(http_listen: "off")"},
      {"http_cors_origins", R"(http_cors_origins: "https://a.example")"},
  };
  ASSERT_OK_AND_ASSIGN(const Config old, ParseConfig(before, "c"));
  EXPECT_THAT(DifferingFields(old, old), IsEmpty());
  // A field that is new to the file has its place here and there.
  const auto* fields = config::v1::Config::descriptor();
  for (int i = 0; i < fields->field_count(); ++i) {
    const std::string name = fields->field(i)->name();
    ASSERT_TRUE(after.contains(name)) << name;
    const std::string text = (name == "providers" ? "" : before + "\n") + after.at(name);
    ASSERT_OK_AND_ASSIGN(const Config changed, ParseConfig(text, "c"));
    EXPECT_THAT(DifferingFields(old, changed), ElementsAre(name));
  }
  ASSERT_OK_AND_ASSIGN(
      const Config two,
      ParseConfig(before + providers.substr(0, 18) + R"("b" kind: KIND_OPENAI })", "c"));
  EXPECT_THAT(DifferingFields(old, two), ElementsAre("providers"));
}

TEST(ConfigTest, EveryErrorNamesFileLineAndField) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"\nmax_mesage_bytes: 1",
       "c:2:17: Message type \"colophon.config.v1.Config\" has no field "
       "named \"max_mesage_bytes\""},
      {"listen: \"127.0.0.1:1\"\nlisten: \"127.0.0.1:2\"", "c:2:7: Non-repeated field \"listen\""},
      {"drain_seconds: many", "c:1:16: Expected integer, got: many"},
      {"drain_seconds: 99999999999", "c:1:16: Integer out of range"},
      {"on_caller_gone: SING",
       "c:1:21: Unknown enumeration value of \"SING\" for field "
       "\"on_caller_gone\""},
      {"providers {", "c:1:"},
      {"\n\nlisten: \"50051\"", "c:3: listen is \"50051\", which is no address"},
      {"listen: \"\"", "c:1: listen is \"\", which is no address"},
      {"listen: \"example.com:1\"", "c:1: listen is \"example.com:1\", which is no address"},
      {"listen: \"127.0.0.1:65536\"", "c:1: listen is \"127.0.0.1:65536\", which is no address"},
      {"listen: \"127.0.0.1:-1\"", "c:1: listen is \"127.0.0.1:-1\", which is no address"},
      {"listen: \"::1:80\"", "c:1: listen is \"::1:80\", which is no address"},
      {"\nlisten: \"0.0.0.0:1\"", "c:2: listen is \"0.0.0.0:1\", which is not loopback"},
      {"listen: \"[::]:1\"", "c:1: listen is \"[::]:1\", which is not loopback"},
      {"max_message_bytes: 0", "c:1: max_message_bytes is 0; it must be 1024 to 67108864"},
      {"\nmax_message_bytes: 67108865", "c:2: max_message_bytes is 67108865; it must be"},
      {"max_open_completions: -1", "c:1: max_open_completions is -1; it must be 1 to 1000000"},
      {"drain_seconds: 3601", "c:1: drain_seconds is 3601; it must be 1 to 3600"},
      {"completion_threads: 0", "c:1: completion_threads is 0; it must be 1 to 256"},
      {"store_cache_bytes: 1", "c:1: store_cache_bytes is 1; it must be"},
      {"min_free_bytes: 0", "c:1: min_free_bytes is 0; it must be"},
      {"log_level: \"loud\"", "c:1: log_level is \"loud\"; it must be \"debug\""},
      {"providers { kind: KIND_OPENAI }", "c:1: providers[0].name is \"\""},
      {"providers {\n name: \"A\"\n kind: KIND_OPENAI }", "c:2: providers[0].name is \"A\""},
      {"providers {\n kind: KIND_OPENAI\n name: \"echo\" }", "c:3: providers[0].name is \"echo\""},
      {"\nproviders { name: \"a\" }", "c:2: providers[0].kind is not given"},
      {"providers { name: \"a\" kind: KIND_OPENAI base_url: \"http://127.0.0.1\" }\n"
       "providers {\n name: \"a\"\n kind: KIND_OPENAI base_url: \"http://127.0.0.1\" }",
       "c:3: providers[1].name is \"a\", which another provider has"},
      {"providers { name: \"a\" kind: KIND_OPENAI\nbase_url: \"ftp://x\" }",
       "c:2: providers[0].base_url has the scheme"},
      {"providers { name: \"a\" kind: KIND_OPENAI\n\nbase_url: \"http://example.com\" }",
       "c:3: providers[0].base_url is \"http://example.com\""},
      {"providers { name: \"a\" kind: KIND_OPENAI base_url: \"https://u:secret@h\" }",
       "c:1: providers[0].base_url holds a user or password"},
      {"providers { name: \"a\" kind: KIND_OPENAI base_url: \"http://127.0.0.1\"\n"
       "headers { key: \"bad name\" value: \"x\" } }",
       "c:2: providers[0].headers sets \"bad name\""},
      {"providers { name: \"a\" kind: KIND_OPENAI base_url: \"http://127.0.0.1\"\n path: \"x\" }",
       "c:2: providers[0].path begins \"x\""},
      {"providers { name: \"a\" kind: KIND_OPENAI base_url: \"http://127.0.0.1\"\n"
       "idle_timeout_ms: -1 }",
       "c:2: providers[0].idle_timeout_ms is -1"},
      {"providers { name: \"a\" kind: KIND_OPENAI base_url: \"http://127.0.0.1\"\n"
       "ca_file: \"/nowhere\" }",
       "c:2: providers[0].ca_file is \"/nowhere\", which can't be read"},
      {"providers { name: \"a\" kind: KIND_OPENAI base_url: \"http://127.0.0.1\"\n"
       "ca_file: \"/\" }",
       "c:2: providers[0].ca_file is \"/\", which can't be read"},
      {"providers { name: \"a\" kind: KIND_OPENAI base_url: \"http://127.0.0.1\"\n"
       "ca_file: \"/dev/null\" }",
       "c:2: providers[0].ca_file is \"/dev/null\", which holds no certificate in PEM"},
      // The key is looked for last: that it isn't set hides nothing.
      {"providers { name: \"a\" kind: KIND_OPENAI api_key_env: \"COLOPHON_TEST_NO_SUCH_KEY\"\n"
       "idle_timeout_ms: -1 }",
       "c:2: providers[0].idle_timeout_ms is -1"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(ParseConfig(test.text, "c"),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_CONFIG",
                        testing::Matcher<std::string>(HasSubstr(test.message))))
        << test.text;
  }
}

TEST(ConfigTest, TellsAllErrorsAtOnce) {
  EXPECT_THAT(MessageOf(ParseConfig("drain_seconds: 0\nlog_level: \"x\"", "c").status()),
              Eq("c:1: drain_seconds is 0; it must be 1 to 3600\n"
                 "c:2: log_level is \"x\"; it must be \"debug\", \"info\", \"warn\" or \"error\""));
}

TEST(ConfigTest, AKeyInThePlaceOfItsVariableIsRefusedAndNotRepeated) {
  const std::string message = MessageOf(
      ParseConfig("providers { name: \"a\" kind: KIND_OPENAI\napi_key_env: \"sk-proj-12345\" }",
                  "c")
          .status());
  EXPECT_THAT(message, HasSubstr("c:2: providers[0].api_key_env is no name"));
  EXPECT_THAT(message, testing::Not(HasSubstr("12345")));
}

// Kind: an error of the configuration that shows a secret.
TEST(ConfigTest, AKeyThatStandsInAWrongPlaceIsNotRepeated) {
  const std::string key = "abcdefgh0123456789ijkl";
  const std::string provider = "providers { name: \"a\" kind: KIND_OPENAI ";
  for (const std::string& wrong :
       {"api_key_env: \"" + key + "\" }", "api_key_env: " + key + " }", "query: " + key + " }",
        "query: \"key=" + key + "#\" }", "path: \"/v1?key=" + key + "\" }",
        "headers { key: \"x-token\" value: " + key + " } }"}) {
    const absl::Status status = ParseConfig(provider + wrong, "c").status();
    EXPECT_FALSE(status.ok()) << wrong;
    EXPECT_THAT(status.ToString(), testing::Not(HasSubstr(key))) << wrong;
  }
}

TEST(ConfigTest, AMissingKeyIsNoErrorOfTheFile) {
  EXPECT_OK(ParseConfig(
      "providers { name: \"a\" kind: KIND_OPENAI api_key_env: \"COLOPHON_TEST_NO_SUCH_KEY\" }",
      "c"));
}

TEST(ConfigTest, BeyondLoopbackIsAllowedWhenSaidInSoManyWords) {
  const std::string tls = "tls { certificate_file: \"c\" key_file: \"k\" ";
  for (const std::string& text :
       {"listen: \"0.0.0.0:1\" insecure_plaintext: true"s,
        "listen: \"0.0.0.0:1\" http_listen: \"0.0.0.0:2\"" + tls + "client_ca_file: \"a\" }",
        "listen: \"0.0.0.0:1\"" + tls + "insecure_grpc_without_client_certificate: true }"}) {
    ASSERT_OK_AND_ASSIGN(const Config config, ParseConfig(text, "c"));
    EXPECT_FALSE(config.listen.is_loopback);
  }
  EXPECT_OK(ParseConfig("http_listen: \"0.0.0.0:1\"" + tls + "}", "c"));
}

// The words say what there is to do.
TEST(ConfigTest, BeyondLoopbackWithoutTlsOrKnownClientsIsRefused) {
  const std::string tls = "tls { certificate_file: \"c\" key_file: \"k\" }";
  const struct {
    std::string text;
    std::vector<const char*> says;
  } cases[] = {
      {"listen: \"0.0.0.0:1\"",
       {"c:1: listen is \"0.0.0.0:1\"", "no TLS", "deploy/nginx.conf", "insecure_plaintext: true"}},
      {"http_listen: \"[::]:1\"", {"c:1: http_listen is \"[::]:1\"", "no TLS"}},
      {"listen: \"0.0.0.0:1\" " + tls,
       {"asked for no certificate", "CVE-2023-33953", "tls.client_ca_file", "deploy/nginx.conf",
        "tls.insecure_grpc_without_client_certificate: true"}},
      {"\ntls { key_file: \"k\" }", {"c:2: tls.certificate_file is missing"}},
      {"tls { certificate_file: \"c\" }", {"c:1: tls.key_file is missing"}},
  };
  for (const auto& [text, says] : cases) {
    const absl::Status status = ParseConfig(text, "c").status();
    for (const char* words : says) {
      EXPECT_THAT(MessageOf(status), testing::Matcher<std::string>(HasSubstr(words))) << text;
    }
  }
}

TEST(ConfigTest, LocalhostMeansTheLoopbackAddress) {
  ASSERT_OK_AND_ASSIGN(const ListenAddress address, ListenAddress::Parse("localhost:80"));
  EXPECT_EQ(address.text(), "127.0.0.1:80");
  EXPECT_TRUE(address.is_loopback);
}

TEST(ConfigTest, AddressesPrintAsTheyAreRead) {
  for (const char* text : {"127.0.0.1:0", "[::1]:50051", "10.1.2.3:65535"}) {
    ASSERT_OK_AND_ASSIGN(const ListenAddress address, ListenAddress::Parse(text));
    EXPECT_EQ(address.text(), text);
  }
}

TEST(ReadConfigTest, TheCommentedFileInDeployIsTheDefaults) {
  ASSERT_OK_AND_ASSIGN(const Config file,
                       ReadConfig(COLOPHON_SOURCE_DIR "/deploy/colophond.textproto"));
  ASSERT_OK_AND_ASSIGN(const Config defaults, ParseConfig("", ""));
  EXPECT_EQ(file.listen.text(), defaults.listen.text());
  EXPECT_EQ(file.insecure_plaintext, defaults.insecure_plaintext);
  EXPECT_EQ(file.tls, defaults.tls);
  EXPECT_EQ(file.backup_directory, defaults.backup_directory);
  EXPECT_EQ(file.max_message_bytes, defaults.max_message_bytes);
  EXPECT_EQ(file.max_open_completions, defaults.max_open_completions);
  EXPECT_EQ(file.max_connections, defaults.max_connections);
  EXPECT_EQ(file.max_streams_per_connection, defaults.max_streams_per_connection);
  EXPECT_EQ(file.drain, defaults.drain);
  EXPECT_EQ(file.drain_when_caller_gone, defaults.drain_when_caller_gone);
  EXPECT_EQ(file.providers.size(), 0);
  EXPECT_EQ(file.completion_threads, defaults.completion_threads);
  EXPECT_EQ(file.store_cache_bytes, defaults.store_cache_bytes);
  EXPECT_EQ(file.log_level, defaults.log_level);
}

TEST(ReadConfigTest, AnEmptyFileIsAConfiguration) {
  const TempDir directory;
  WriteFile(directory / "empty", "");
  EXPECT_OK(ReadConfig(directory / "empty"));
}

TEST(ReadConfigTest, AFileThatCantBeReadSaysWhy) {
  const TempDir directory;
  EXPECT_THAT(ReadConfig(directory / "nothing"),
              ErrorIs(absl::StatusCode::kNotFound, "CONFIG_NOT_FOUND",
                      testing::Matcher<std::string>(HasSubstr("No such file"))));
  EXPECT_THAT(ReadConfig(directory.path()),
              ErrorIs(absl::StatusCode::kNotFound, "CONFIG_NOT_FOUND",
                      testing::Matcher<std::string>(HasSubstr("directory"))));
}

}  // namespace
}  // namespace colophon
