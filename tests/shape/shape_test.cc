// What the shapes make of answers that a real socket seldom sees. The whole of them, from a
// request to its record, is in tests/http.

#include "service/shape/shape.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "tests/testing/matchers.h"

namespace colophon::shape {
namespace {

using testing::HasSubstr;
using testing::Not;

std::unique_ptr<Shape> Stream(absl::StatusOr<std::unique_ptr<Shape>> (*new_shape)(Request)) {
  auto shape = *new_shape({.body = {{"stream", true}, {"model", "acme/x"}}});
  v1::StreamStart start;
  start.set_record("01a21aeb-432c-774b-a88c-f1eed092c615");
  start.set_version("acme/x@v1");
  EXPECT_EQ(shape->WriteStart(start), "");
  return shape;
}

v1::Piece ToolPiece(int index, const std::string& id, const std::string& name,
                    const std::string& arguments) {
  v1::Piece piece;
  v1::ToolRequestPiece& request = *piece.mutable_tool_request();
  request.set_index(index);
  request.set_id(id);
  request.set_name(name);
  request.set_arguments(arguments);
  return piece;
}

v1::CompleteResponse Response(const char* text) {
  v1::CompleteResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &response));
  return response;
}

TEST(AnthropicMessagesShapeTest, AToolBeginsWhenItsNameIsTold) {
  const auto shape = Stream(NewAnthropicMessages);
  EXPECT_EQ(shape->WritePiece(ToolPiece(0, "t1", "", R"({"a")")), "");
  const std::string begun = shape->WritePiece(ToolPiece(0, "", "look", ":1"));
  EXPECT_THAT(begun, HasSubstr("event: message_start"));
  EXPECT_THAT(begun, HasSubstr(R"("id":"t1","name":"look")"));
  EXPECT_THAT(begun, HasSubstr(R"("partial_json":"{\"a\":1")"));
}

TEST(AnthropicMessagesShapeTest, PiecesFindTheirTool) {
  const auto shape = Stream(NewAnthropicMessages);
  shape->WritePiece(ToolPiece(0, "t1", "look", ""));
  const std::string second = shape->WritePiece(ToolPiece(1, "t2", "look", ""));
  EXPECT_THAT(second, HasSubstr(R"({"index":0,"type":"content_block_stop"})"));
  EXPECT_THAT(shape->WritePiece(ToolPiece(0, "", "", "{}")), HasSubstr(R"("index":0)"));
  EXPECT_THAT(shape->WritePiece(ToolPiece(1, "", "", "{}")), HasSubstr(R"("index":1)"));
}

TEST(AnthropicMessagesShapeTest, AnAnswerWithoutPiecesIsWholeAllTheSame) {
  const auto shape = Stream(NewAnthropicMessages);
  const std::string last =
      shape->WriteLast(Response("completion { stop_reason: STOP_REASON_FILTER }"));
  EXPECT_THAT(last, testing::StartsWith("event: message_start"));
  EXPECT_THAT(last, HasSubstr(R"("stop_reason":"refusal")"));
  EXPECT_THAT(last, HasSubstr("event: message_stop"));
}

TEST(AnthropicMessagesShapeTest, ArgumentsThatAreNoObjectKeepTheirText) {
  auto shape = *NewAnthropicMessages({.body = {{"model", "acme/x"}}});
  const std::string answer = shape->WriteAnswer(Response(
      R"(completion { message { parts { tool_request { id: "t" name: "n" arguments: "[1" } } } })"));
  EXPECT_THAT(answer, HasSubstr(R"("input":{"arguments":"[1"})"));
  EXPECT_THAT(answer, Not(HasSubstr("usage")));  // Unknown is absent.
}

TEST(OpenAiChatShapeTest, WhatHasNoPlaceInAMessageStandsBesideIt) {
  auto shape = *NewOpenAiChat({.body = {{"model", "acme/x"}}});
  const std::string answer = shape->WriteAnswer(Response(R"(
    completion {
      message {
        parts { reasoning { text: "Hm." } }
        parts { text: "Yes." }
        parts { other: "{\"audio\":{\"id\":1}}" }
      }
      usage { output_tokens: 3 }
    })"));
  EXPECT_THAT(answer, HasSubstr(R"("content":"Yes.")"));
  EXPECT_THAT(answer, HasSubstr(R"("reasoning_content":"Hm.")"));
  EXPECT_THAT(answer, HasSubstr(R"("other":[{"audio":{"id":1}}])"));
  EXPECT_THAT(answer, HasSubstr(R"("usage":{"completion_tokens":3})"));
}

TEST(OpenAiChatShapeTest, AnAnswerWithoutPiecesIsWholeAllTheSame) {
  const auto shape = Stream(NewOpenAiChat);
  const std::string last =
      shape->WriteLast(Response("completion { stop_reason: STOP_REASON_END }"));
  EXPECT_THAT(last, HasSubstr(R"("delta":{"role":"assistant","content":""})"));
  EXPECT_THAT(last, testing::EndsWith("data: [DONE]\n\n"));
}

TEST(OpenAiChatShapeTest, ReadsOnlyWhatItCanMean) {
  const auto read = [](const std::string& body) {
    auto shape = NewOpenAiChat({.body = ParseJson(body)->get_object()});
    v1::CompleteRequest call;
    return shape.ok() ? (*shape)->Read(&call) : shape.status();
  };
  EXPECT_OK(read(R"({"model":"acme/x","max_tokens":5,"max_completion_tokens":5})"));
  EXPECT_THAT(read(R"({"model":"acme/x","prompt":"acme/x"})"),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_REQUEST", HasSubstr("prompt")));
  EXPECT_THAT(read(R"({"model":"acme/x","stream_options":{"include_obfuscation":true}})"),
              ErrorIs(absl::StatusCode::kInvalidArgument, "UNSUPPORTED",
                      HasSubstr("stream_options.include_obfuscation")));
  EXPECT_THAT(read(R"({"prompt":{"id":"acme/x@v1","version":"2"}})"),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_VALUE", HasSubstr("prompt names")));
}

}  // namespace
}  // namespace colophon::shape
