// An answer that breaks off at any byte is never taken for a whole one, and
// what came before stays.

#include "gmock/gmock.h"
#include "tests/provider/calls.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using testing::StartsWith;

const std::vector<std::string> kPieces = {"Der ", "Mond ", "ist ", "aufgegangen"};
constexpr char kText[] = "Der Mond ist aufgegangen";

std::string BytesOf(const std::vector<std::string>& events) {
  std::string bytes = HttpChunkedHead();
  for (const std::string& event : events) bytes += HttpChunk(event);
  return bytes + HttpChunkEnd();
}

// Where each event that adds text ends, and where the terminator does.
struct Ends {
  std::vector<size_t> texts;
  size_t terminator = 0;
};

Ends EndsOf(const std::string& bytes, const std::vector<std::string>& events,
            const std::vector<std::string>& texts) {
  Ends ends;
  for (const std::string& text : texts) ends.texts.push_back(bytes.find(text) + text.size());
  ends.terminator = bytes.find(events.back()) + events.back().size();
  return ends;
}

struct Api {
  const char* name;
  config::v1::Provider::Kind kind;
  std::vector<std::string> (*events)(const std::vector<std::string>&);
  std::string (*text_event)(std::string_view);
};

void PrintTo(const Api& api, std::ostream* out) { *out << api.name; }

class CutTest : public testing::TestWithParam<Api> {
 protected:
  CutTest() : events_(GetParam().events(kPieces)), bytes_(BytesOf(events_)) {
    std::vector<std::string> texts;
    for (const std::string& piece : kPieces) texts.push_back(GetParam().text_event(piece));
    ends_ = EndsOf(bytes_, events_, texts);
    config::v1::Provider config;
    config.set_base_url(server_.base_url());
    config.set_kind(GetParam().kind);
    one_ = std::make_unique<OneProvider>(config);
  }

  Outcome CallCutAfter(size_t bytes, ModelAnswer::Break how) {
    const ModelAnswer answer = ModelAnswer().Send(bytes_).CutAfter(bytes, how);
    server_.SetHandler([answer](const ModelRequest&) { return answer; });
    return one_->Call(true);
  }

  std::string TextOfFirst(size_t bytes) const {
    std::string text;
    for (size_t i = 0; i < kPieces.size(); ++i) {
      if (ends_.texts[i] <= bytes) text += kPieces[i];
    }
    return text;
  }

  ModelServer server_;
  const std::vector<std::string> events_;
  const std::string bytes_;
  Ends ends_;
  std::unique_ptr<OneProvider> one_;
};

TEST_P(CutTest, ClosedAfterEveryByte) {
  for (size_t bytes = 0; bytes < bytes_.size(); ++bytes) {
    const Outcome outcome = CallCutAfter(bytes, ModelAnswer::Break::kClose);
    EXPECT_EQ(outcome.text(), TextOfFirst(bytes)) << "after byte " << bytes;
    if (bytes >= ends_.terminator) {
      EXPECT_OK(outcome.end) << "after byte " << bytes;
    } else {
      EXPECT_THAT(outcome.end, ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_CUT"))
          << "after byte " << bytes;
      EXPECT_TRUE(IsRetryable(outcome.end));
    }
  }
}

// A reset may overtake bytes that were sent before it.
TEST_P(CutTest, ResetAfterEveryByte) {
  for (size_t bytes = 0; bytes < bytes_.size(); ++bytes) {
    const Outcome outcome = CallCutAfter(bytes, ModelAnswer::Break::kReset);
    EXPECT_THAT(TextOfFirst(bytes), StartsWith(outcome.text())) << "after byte " << bytes;
    if (bytes < ends_.terminator) {
      EXPECT_THAT(outcome.end, ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_CUT"))
          << "after byte " << bytes;
    }
  }
}

TEST_P(CutTest, UncutIsWhole) {
  server_.SetHandler([&](const ModelRequest&) { return ModelAnswer().Send(bytes_); });
  const Outcome outcome = one_->Call(true);
  EXPECT_OK(outcome.end);
  EXPECT_EQ(outcome.text(), kText);
}

INSTANTIATE_TEST_SUITE_P(Apis, CutTest,
                         testing::Values(Api{"OpenAi", config::v1::Provider::KIND_OPENAI,
                                             &OpenAiEvents, &OpenAiTextEvent},
                                         Api{"Anthropic", config::v1::Provider::KIND_ANTHROPIC,
                                             &AnthropicEvents, &AnthropicTextEvent}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(UnaryCutTest, ClosedOrResetAfterEveryByte) {
  ModelServer server;
  config::v1::Provider config;
  config.set_base_url(server.base_url());
  OneProvider one(config);
  const ModelAnswer whole = OpenAiAnswer(kText);
  for (const auto how : {ModelAnswer::Break::kClose, ModelAnswer::Break::kReset}) {
    for (size_t bytes = 0; bytes < whole.byte_count(); ++bytes) {
      const ModelAnswer cut = whole.CutAfter(bytes, how);
      server.SetHandler([cut](const ModelRequest&) { return cut; });
      const Outcome outcome = one.Call(false);
      EXPECT_THAT(outcome.end, ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_CUT"))
          << "after byte " << bytes;
      EXPECT_TRUE(outcome.pieces.empty());
    }
  }
}

}  // namespace
}  // namespace colophon
