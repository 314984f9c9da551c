#include "service/provider/half_pairs.h"

#include "gmock/gmock.h"
#include "service/base/json.h"
#include "service/provider/anthropic.h"
#include "service/provider/openai.h"
#include "tests/provider/answers.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_wire.h"

// Kind: a character that a server cut in two.

namespace colophon {
namespace {

using testing::HasSubstr;

// What the strings of a JSON array, one a piece, become.
std::string Joined(const std::string& array) {
  const std::optional<std::string> marked = MarkHalves(array);
  const auto value = ParseJson(marked.value_or(array));
  EXPECT_OK(value);
  if (!value.ok()) return "";
  HalfPairs halves;
  std::string text;
  for (const json::value& piece : value->as_array()) {
    const std::string part = halves.Join("text", std::string(piece.as_string()));
    EXPECT_TRUE(IsUtf8(part)) << array;
    text += part + "|";
  }
  return text;
}

TEST(HalfPairsTest, TwoHalvesAreOneCharacter) {
  EXPECT_EQ(Joined(R"(["Hi \ud83d","\ude00!"])"), "Hi |\U0001F600!|");
  EXPECT_EQ(Joined(R"(["\ud83d","\ude00"])"), "|\U0001F600|");
  EXPECT_EQ(Joined(R"(["\uD83D","","\uDE00\ud83d","\ude01"])"), "||\U0001F600|\U0001F601|");
  EXPECT_EQ(Joined(R"(["\udbff","\udfff"])"), "|\U0010FFFF|");
  EXPECT_EQ(Joined(R"(["\ud800","\udc00"])"), "|\U00010000|");
}

TEST(HalfPairsTest, AHalfThatStaysAloneIsReplaced) {
  EXPECT_EQ(Joined(R"(["a\ud83db"])"), "a\uFFFDb|");
  EXPECT_EQ(Joined(R"(["a\ude00b"])"), "a\uFFFDb|");
  EXPECT_EQ(Joined(R"(["a\ud83d","b"])"), "a|\uFFFDb|");
  EXPECT_EQ(Joined(R"(["\ud83d\ud83d","\ude00"])"), "\uFFFD|\U0001F600|");
  EXPECT_EQ(Joined(R"(["a\ud83d"])"), "a|");
}

TEST(HalfPairsTest, WholePairsAndWhatOnlyLooksLikeOneAreLeftAlone) {
  for (const char* json : {R"(["\ud83d\ude00"])", R"(["\\ud83d"])", R"(["a"])", R"(["\u0041"])",
                           R"(["\ud83"])", "", R"(["\\\\ud83d"])"}) {
    EXPECT_EQ(MarkHalves(json), std::nullopt) << json;
  }
  EXPECT_EQ(Joined(R"(["\\ud83d","\\\ud83d","\ude00"])"), "\\ud83d|\\|\U0001F600|");
}

// A mark must not be taken for a character of the answer's own.
TEST(HalfPairsTest, GivesUpWhereTheAnswerHasPrivateCharacters) {
  EXPECT_EQ(MarkHalves("[\"\U0010F8FF\\ud83d\"]"), std::nullopt);
  EXPECT_EQ(MarkHalves(R"(["\udbfe\udc00\ud83d"])"), std::nullopt);
  HalfPairs halves;
  EXPECT_EQ(halves.Join("text", "\U0010F000"), "\U0010F000");
}

TEST(HalfPairsTest, StreamsDontMix) {
  HalfPairs halves;
  const std::string half =
      std::string(ParseJson(*MarkHalves(R"(["\ud83d"])"))->as_array()[0].as_string());
  EXPECT_EQ(halves.Join("text", half), "");
  EXPECT_EQ(halves.Join("reasoning", "a"), "a");
  EXPECT_EQ(halves.Join("text", "b"),
            "\uFFFD"
            "b");
}

TEST(HalfPairsTest, AStreamCutInACharacterIsNoMalformedAnswer) {
  const OpenAiFormat openai({.is_vendor = true, .has_vendors_models = true});
  const auto answer = openai.NewAnswer();
  const auto delta = [](const std::string& text) {
    return Event(R"({"choices":[{"index":0,"delta":{"content":")" + text + R"("}}]})");
  };
  ASSERT_OK(
      ReadEvents({delta(R"(Hi \ud83d)"), delta(R"(\ude00!)"), Event("[DONE]")}, answer.get()));
  EXPECT_EQ(Show(*answer), "text(Hi )text(\U0001F600!)");
  EXPECT_TRUE(answer->done());

  const AnthropicFormat anthropic;
  const auto other = anthropic.NewAnswer();
  const auto text_delta = [](const std::string& text) {
    return Event(
        "content_block_delta",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" + text +
            R"("}})");
  };
  ASSERT_OK(ReadEvents({text_delta(R"(\ud83d)"), text_delta(R"(\ude00)")}, other.get()));
  EXPECT_EQ(Show(*other), "text(\U0001F600)");
}

// Kind: a limit of ours that is told as the other side's mistake.
TEST(AnswerDepthTest, JsonThatIsNestedTooDeepIsToldAsThat) {
  const std::string deep = R"({"a":)" + std::string(600, '[') + std::string(600, ']') + "}";
  const OpenAiFormat openai({.is_vendor = true, .has_vendors_models = true});
  EXPECT_THAT(openai.NewAnswer()->ReadWhole(deep),
              ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_MALFORMED",
                      HasSubstr("deeper than 512 levels")));
  EXPECT_THAT(openai.NewAnswer()->ReadEvent({.type = "", .data = deep}),
              ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_MALFORMED",
                      HasSubstr("deeper than 512 levels")));
  // Cut off at a depth that is allowed it is cut, not malformed.
  EXPECT_THAT(openai.NewAnswer()->ReadWhole(R"({"a":)" + std::string(100, '[')),
              ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_CUT"));
}

}  // namespace
}  // namespace colophon
