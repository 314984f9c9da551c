// What a provider sent is kept byte for byte where the configuration says so, without its
// secrets and within a bound that is told.

#include "service/provider/raw_answer.h"

#include <random>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "service/provider/provider_config.h"
#include "tests/provider/calls.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using config::v1::Provider;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kKey[] = "cophn_Az91kQ+/Zm8vYmFyLXF1eA==";

HttpHead Head(int status) {
  return {.status = status,
          .headers = {{"content-type", "application/json"}, {"set-cookie", "__cf_bm=abcdef"}}};
}

TEST(RawAnswerTest, IsAHeadAndABodyByteForByte) {
  RawAnswerBuilder raw(KeepRaw{});
  EXPECT_FALSE(raw.IsKept(true)) << "nothing came";
  raw.SetHead(Head(503));
  raw.AddBody(std::string_view("half \xc3", 6));
  raw.AddBody(std::string_view("\0 end\n", 6));
  EXPECT_TRUE(raw.IsKept(true));
  const v1::RawAnswer answer = raw.Build(Scrubber({}));
  EXPECT_EQ(answer.data(),
            "HTTP 503\r\ncontent-type: application/json\r\nset-cookie: [key]\r\n\r\n" +
                std::string("half \xc3\0 end\n", 12));
  EXPECT_EQ(answer.omitted_byte_count(), 0);
}

// However the body comes in pieces, and of whatever size it is: what is kept are its first
// and its last bytes, and the numbers add up.
TEST(RawAnswerTest, KeepsTheBeginningAndTheEndOfWhatIsLarge) {
  std::mt19937 random(7);
  constexpr size_t kHalf = 512;
  for (int round = 0; round < 300; ++round) {
    std::string body;
    const size_t lines = random() % 200;
    for (size_t i = 0; i < lines; ++i) body += fmt::format("data: {}\n", random() % 100'000);
    RawAnswerBuilder raw({.when = KeepRaw::When::kFailed, .max_body_bytes = 2 * kHalf});
    raw.SetHead(Head(200));
    for (size_t at = 0; at < body.size();) {
      const size_t bytes =
          std::min<size_t>(1 + random() % (round % 2 ? 5 : 1500), body.size() - at);
      raw.AddBody(std::string_view(body).substr(at, bytes));
      at += bytes;
    }
    const v1::RawAnswer answer = raw.Build(Scrubber({}));
    const std::string kept = answer.data().substr(answer.data().find("\r\n\r\n") + 4);
    ASSERT_EQ(kept.size() + answer.omitted_byte_count(), body.size());
    if (body.size() <= 2 * kHalf) {
      ASSERT_EQ(kept, body);
      continue;
    }
    ASSERT_THAT(answer.data().substr(0, answer.omitted_offset()), EndsWith(body.substr(0, kHalf)));
    const std::string end = answer.data().substr(answer.omitted_offset());
    ASSERT_TRUE(body.ends_with(end));
    ASSERT_GT(end.size(), kHalf - 20) << "as much as may be";
    ASSERT_LE(kept.size(), 2 * kHalf);
  }
}

// Kind: a secret that stands where something is left out. No eight bytes of it in a row,
// in any of its forms, are kept.
TEST(RawAnswerTest, NoPartOfASecretIsKept) {
  const Scrubber scrubber({kKey});
  const std::string base64 = absl::Base64Escape(kKey);
  for (const std::string& form : {std::string(kKey), base64, absl::BytesToHexString(kKey)}) {
    for (size_t before = 400; before < 1200; before += 7) {
      RawAnswerBuilder raw({.when = KeepRaw::When::kFailed, .max_body_bytes = 1024});
      raw.SetHead(Head(401));
      std::string text(before, 'x');
      for (size_t i = 0; i < before; i += 50) text[i] = ' ';
      raw.AddBody(text + "\"" + form + "\" is wrong" + std::string(900, 'y'));
      const std::string kept = raw.Build(scrubber).data();
      for (size_t i = 0; i + 8 <= form.size(); ++i) {
        ASSERT_THAT(kept, Not(HasSubstr(form.substr(i, 8)))) << form << " at " << before;
      }
    }
  }
}

struct Kept {
  Provider::KeepRaw keep;
  int status;
  bool is_kept;
};

TEST(RawAnswerTest, IsKeptAsTheConfigurationSays) {
  const Kept cases[] = {
      {Provider::KEEP_RAW_UNSPECIFIED, 500, true}, {Provider::KEEP_RAW_UNSPECIFIED, 200, false},
      {Provider::KEEP_RAW_FAILED, 500, true},      {Provider::KEEP_RAW_FAILED, 200, false},
      {Provider::KEEP_RAW_ALWAYS, 500, true},      {Provider::KEEP_RAW_ALWAYS, 200, true},
      {Provider::KEEP_RAW_NEVER, 500, false},      {Provider::KEEP_RAW_NEVER, 200, false}};
  const ScopedVariable key("RAW_TEST_KEY", kKey);
  for (const Kept& test : cases) {
    for (const bool stream : {false, true}) {
      ModelServer server;
      server.SetHandler([&](const ModelRequest& request) {
        if (test.status == 200) return OpenAiAnswerTo(request, {"Hel", "lo"});
        return JsonAnswer(test.status, fmt::format(R"({{"error":{{"message":"{}"}}}})", kKey));
      });
      Provider config = ConfigFor(server);
      config.set_keep_raw(test.keep);
      config.set_api_key_env("RAW_TEST_KEY");
      const Outcome outcome = OneProvider(config).Call(stream);
      SCOPED_TRACE(fmt::format("{} {} {}", Provider::KeepRaw_Name(test.keep), test.status, stream));
      ASSERT_EQ(outcome.raw_answer.has_value(), test.is_kept);
      if (!test.is_kept) continue;
      EXPECT_THAT(outcome.raw_answer->data(), StartsWith(fmt::format("HTTP {}\r\n", test.status)));
      EXPECT_THAT(outcome.raw_answer->data(),
                  AllOf(HasSubstr(test.status == 200 ? "Hel" : "[key]"), Not(HasSubstr("cophn_"))));
    }
  }
}

// Of a stream that breaks off or says nonsense the bytes up to there are kept, those that
// said it too.
TEST(RawAnswerTest, HasWhatBrokeAStream) {
  ModelServer server;
  server.SetHandler([](const ModelRequest&) {
    return ModelAnswer()
        .Send(HttpChunkedHead())
        .Send(HttpChunk(OpenAiTextEvent("Hel")))
        .Send(HttpChunk("data: {nonsense\n\n"))
        .Close();
  });
  const Outcome outcome = OneProvider(ConfigFor(server)).Call(true);
  EXPECT_EQ(outcome.text(), "Hel");
  ASSERT_TRUE(outcome.raw_answer.has_value());
  EXPECT_THAT(outcome.raw_answer->data(), EndsWith(OpenAiTextEvent("Hel") + "data: {nonsense\n\n"));
}

TEST(RawAnswerTest, TheBoundIsTheConfigurations) {
  ModelServer server;
  server.SetHandler(
      [](const ModelRequest&) { return JsonAnswer(500, std::string(40'000, ' ') + "end"); });
  Provider config = ConfigFor(server);
  const Outcome outcome = OneProvider(config).Call(false);
  EXPECT_EQ(outcome.raw_answer->omitted_byte_count(), 40'003 - 16'384);
  EXPECT_THAT(outcome.raw_answer->data(), EndsWith("end"));
  config.set_keep_raw_bytes(1 << 20);
  EXPECT_EQ(OneProvider(config).Call(false).raw_answer->omitted_byte_count(), 0);
}

TEST(RawAnswerTest, ABoundThatCantBeIsRefused) {
  for (const int64_t bytes : {-1, 1, 1023, (1 << 20) + 1}) {
    Provider config;
    config.set_name("model");
    config.set_kind(Provider::KIND_OPENAI);
    config.set_base_url("http://127.0.0.1:9/v1");
    config.set_keep_raw_bytes(bytes);
    EXPECT_THAT(CheckProvider(config, "providers[0]").status(),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_CONFIG",
                        HasSubstr("providers[0].keep_raw_bytes")));
  }
}

}  // namespace
}  // namespace colophon
