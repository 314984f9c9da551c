#include "service/provider/answer_filter.h"

#include "gmock/gmock.h"
#include "tests/provider/answers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kKey[] = "sk-secret-0123456789abcdefgh";

v1::Piece Text(const std::string& text) {
  v1::Piece piece;
  piece.set_text(text);
  return piece;
}

v1::Piece Reasoning(const std::string& text, const std::string& signature = "") {
  v1::Piece piece;
  piece.mutable_reasoning()->set_text(text);
  piece.mutable_reasoning()->set_signature(signature);
  return piece;
}

v1::Piece Tool(int index, const std::string& id, const std::string& name,
               const std::string& arguments) {
  v1::Piece piece;
  piece.mutable_tool_request()->set_index(index);
  piece.mutable_tool_request()->set_id(id);
  piece.mutable_tool_request()->set_name(name);
  piece.mutable_tool_request()->set_arguments(arguments);
  return piece;
}

class AnswerFilterTest : public testing::Test {
 protected:
  // What comes out after these pieces went in.
  std::vector<std::string> Take(std::vector<v1::Piece> pieces) {
    std::deque<v1::Piece> from(pieces.begin(), pieces.end());
    filter_.Take(&from);
    return Out();
  }
  std::vector<std::string> Finish() {
    filter_.Finish();
    return Out();
  }
  std::vector<std::string> Out() {
    std::vector<std::string> out;
    for (const v1::Piece& piece : filter_.pieces()) out.push_back(Show(piece));
    filter_.pieces().clear();
    return out;
  }

  const SecretPatterns patterns_{{kKey}};
  AnswerFilter filter_{&patterns_};
};

TEST_F(AnswerFilterTest, EveryFieldIsLookedAt) {
  EXPECT_THAT(Take({Text("my "), Text(kKey), Text("!")}), ElementsAre("text(my )", "text([key]!)"));
  EXPECT_THAT(Take({Reasoning(kKey, kKey)}), ElementsAre("reasoning([key]|[key])"));
  EXPECT_THAT(Take({Tool(0, kKey, kKey, std::string("{\"a\":\"") + kKey + "\"}")}),
              ElementsAre("tool(0|[key]|[key]|{\"a\":\"[key]\"})"));
  EXPECT_EQ(filter_.removed_count(), 6);
  v1::Completion metadata;
  metadata.set_provider_id(std::string("id-") + kKey);
  metadata.set_provider_model(kKey);
  metadata.set_provider_stop_reason(std::string(kKey) + " " + kKey);
  // Said anew with each event; counted once.
  for (int i = 0; i < 3; ++i) filter_.TakeMetadata(metadata);
  EXPECT_EQ(filter_.metadata().provider_id(), "id-[key]");
  EXPECT_EQ(filter_.metadata().provider_model(), "[key]");
  EXPECT_EQ(filter_.metadata().provider_stop_reason(), "[key] [key]");
  EXPECT_EQ(filter_.removed_count(), 10);
}

TEST_F(AnswerFilterTest, ArgumentsOfSeveralRequestsMayInterleave) {
  const std::string key = kKey;
  EXPECT_THAT(Take({Tool(0, "a", "f", "{" + key.substr(0, 9)), Tool(1, "b", "g", key.substr(0, 4)),
                    Tool(0, "", "", key.substr(9) + "}"), Tool(1, "", "", "x" + key)}),
              ElementsAre("tool(0|a|f|{)", "tool(1|b|g|)", "tool(0|||[key]})", "tool(1|||sk-sx)"));
  EXPECT_THAT(Finish(), ElementsAre("tool(1|||[key])"));
}

TEST_F(AnswerFilterTest, WhatIsHeldComesBeforeAnotherKindAndAtTheEnd) {
  EXPECT_THAT(Take({Text("words")}), ElementsAre("text(word)"));
  EXPECT_THAT(Take({Tool(0, "a", "f", "{}s")}), ElementsAre("text(s)", "tool(0|a|f|{})"));
  EXPECT_THAT(Take({Reasoning("thinks")}), ElementsAre("tool(0|||s)", "reasoning(think|)"));
  EXPECT_THAT(Take({Reasoning("", "signed")}), ElementsAre("reasoning(s|signed)"));
  EXPECT_THAT(Take({Text("s")}), IsEmpty());
  EXPECT_THAT(Finish(), ElementsAre("text(s)"));
}

TEST(AnswerFilterWithoutSecretsTest, GivesPiecesAsTheyCome) {
  const SecretPatterns none({});
  AnswerFilter filter(&none);
  std::deque<v1::Piece> pieces = {Text("a"), Tool(0, "a", "f", "")};
  filter.Take(&pieces);
  EXPECT_EQ(filter.pieces().size(), 2u);
  EXPECT_EQ(filter.removed_count(), 0);
}

}  // namespace
}  // namespace colophon
