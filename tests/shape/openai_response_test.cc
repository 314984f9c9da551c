// The events of a streamed response that a real socket seldom sees.

#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "service/shape/shape.h"
#include "tests/testing/matchers.h"

namespace colophon::shape {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OpenAiResponsesShapeTest : public testing::Test {
 protected:
  OpenAiResponsesShapeTest()
      : shape_(*NewOpenAiResponses({.body = {{"stream", true}, {"model", "acme/x"}}})) {
    v1::StreamStart start;
    start.set_record("01a21aeb-432c-774b-a88c-f1eed092c615");
    EXPECT_EQ(shape_->WriteStart(start), "");
  }

  // What a piece, or the end, adds to the stream: types, with the item's place.
  std::vector<std::string> Say(const char* piece_text) {
    v1::Piece piece;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(piece_text, &piece));
    return Types(shape_->WritePiece(piece));
  }
  std::vector<std::string> End(const char* response_text) {
    v1::CompleteResponse response;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(response_text, &response));
    last_ = shape_->WriteLast(response);
    return Types(last_);
  }

  std::vector<std::string> Types(const std::string& events) {
    std::vector<std::string> types;
    for (size_t at = 0; (at = events.find("event: response.", at)) != events.npos; ++at) {
      const size_t begin = at + std::string("event: response.").size();
      std::string type = events.substr(begin, events.find('\n', at) - begin);
      const size_t end = events.find("\n\n", at);
      const size_t index = events.find("\"output_index\":", at);
      if (index < end) type += " " + events.substr(index + 15, 1);
      types.push_back(type);
    }
    return types;
  }

  std::unique_ptr<Shape> shape_;
  std::string last_;
};

TEST_F(OpenAiResponsesShapeTest, PiecesFindTheirTool) {
  EXPECT_THAT(Say(R"(tool_request { index: 0 id: "t1" arguments: "{\"a\"" })"),
              ElementsAre("created", "in_progress"));
  EXPECT_THAT(Say(R"(tool_request { index: 1 id: "t2" name: "look" })"),
              ElementsAre("output_item.added 0"));
  EXPECT_THAT(Say(R"(tool_request { index: 0 name: "find" arguments: ":1" })"),
              ElementsAre("output_item.added 1", "function_call_arguments.delta 1"));
  EXPECT_THAT(Say(R"(tool_request { index: 1 arguments: "{}" })"),
              ElementsAre("function_call_arguments.delta 0"));
  EXPECT_THAT(Say(R"(tool_request { index: 0 arguments: "}" })"),
              ElementsAre("function_call_arguments.delta 1"));
  EXPECT_THAT(End("completion { stop_reason: STOP_REASON_TOOL }"),
              ElementsAre("function_call_arguments.done 0", "output_item.done 0",
                          "function_call_arguments.done 1", "output_item.done 1", "completed"));
  EXPECT_THAT(last_, HasSubstr(R"("call_id":"t1","name":"find","arguments":"{\"a\":1}")"));
}

TEST_F(OpenAiResponsesShapeTest, ASignatureEndsABlockOfReasoning) {
  EXPECT_THAT(Say(R"(reasoning { text: "Hm." })"),
              ElementsAre("created", "in_progress", "output_item.added 0",
                          "reasoning_summary_part.added 0", "reasoning_summary_text.delta 0"));
  EXPECT_THAT(Say(R"(reasoning { signature: "s1" })"), ElementsAre());
  EXPECT_THAT(Say(R"(reasoning { signature: "redacted:xyz" })"),
              ElementsAre("reasoning_summary_text.done 0", "reasoning_summary_part.done 0",
                          "output_item.done 0", "output_item.added 1"));
  EXPECT_THAT(Say(R"(text: "Yes.")"), ElementsAre("output_item.done 1", "output_item.added 2",
                                                  "content_part.added 2", "output_text.delta 2"));
  EXPECT_THAT(
      End("completion { stop_reason: STOP_REASON_END }"),
      ElementsAre("output_text.done 2", "content_part.done 2", "output_item.done 2", "completed"));
  EXPECT_THAT(last_, HasSubstr(R"("encrypted_content":"s1")"));
  EXPECT_THAT(last_, HasSubstr(R"("summary":[],"encrypted_content":"redacted:xyz")"));
}

TEST_F(OpenAiResponsesShapeTest, AnAnswerWithoutPiecesIsWholeAllTheSame) {
  EXPECT_THAT(End("completion { stop_reason: STOP_REASON_FILTER }"),
              ElementsAre("created", "in_progress", "incomplete"));
  EXPECT_THAT(last_, HasSubstr(R"("incomplete_details":{"reason":"content_filter"})"));
}

// A response failed when its record says so; else it isn't known what became of it.
TEST_F(OpenAiResponsesShapeTest, AnErrorThatNoRecordHasIsAnError) {
  Say(R"(text: "Yes.")");
  EXPECT_THAT(shape_->WriteFailure(Unavailable("STOPPING", "the server stopped")),
              HasSubstr("event: error\n"));
  EXPECT_THAT(shape_->WriteFailure(Error(absl::StatusCode::kUnavailable, "PROVIDER_CUT", "cut",
                                         {{"record", "01a21aeb"}})),
              HasSubstr("event: response.failed\n"));
}

}  // namespace
}  // namespace colophon::shape
