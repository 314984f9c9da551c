#include "service/completion/output_builder.h"

#include "tests/testing/matchers.h"

namespace colophon {
namespace {

v1::Piece Piece(const std::string& text) {
  v1::Piece piece;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &piece));
  return piece;
}

TEST(OutputBuilderTest, NeighbouringTextIsOnePart) {
  OutputBuilder output;
  output.Add(Piece("text: 'Hel'"));
  output.Add(Piece("text: 'lo'"));
  EXPECT_THAT(output.TakeMessage(), EqualsProto("role: ROLE_MODEL parts { text: 'Hello' }"));
  EXPECT_EQ(output.piece_count(), 2);
}

TEST(OutputBuilderTest, ToolRequestsComeTogetherHoweverTheyInterleave) {
  OutputBuilder output;
  output.Add(Piece("text: 'Let me look.'"));
  output.Add(Piece("tool_request { index: 0 id: 'a' name: 'get' arguments: '{\"id\"' }"));
  output.Add(Piece("tool_request { index: 1 id: 'b' name: 'put' }"));
  output.Add(Piece("tool_request { index: 0 arguments: ':1}' }"));
  output.Add(Piece("tool_request { index: 1 arguments: '{}' }"));
  EXPECT_THAT(output.TakeMessage(), EqualsProto(R"pb(
                role: ROLE_MODEL
                parts { text: 'Let me look.' }
                parts { tool_request { id: 'a' name: 'get' arguments: '{"id":1}' } }
                parts { tool_request { id: 'b' name: 'put' arguments: '{}' } })pb"));
}

TEST(OutputBuilderTest, ASignatureEndsABlockOfReasoning) {
  OutputBuilder output;
  output.Add(Piece("reasoning { text: 'I ' }"));
  output.Add(Piece("reasoning { text: 'think' }"));
  output.Add(Piece("reasoning { signature: 's1' }"));
  output.Add(Piece("reasoning { text: 'more' }"));
  output.Add(Piece("text: 'so'"));
  EXPECT_THAT(output.TakeMessage(), EqualsProto(R"pb(
                role: ROLE_MODEL
                parts { reasoning { text: 'I think' signature: 's1' } }
                parts { reasoning { text: 'more' } }
                parts { text: 'so' })pb"));
}

TEST(OutputBuilderTest, WhatComesInManyPiecesIsWhole) {
  OutputBuilder output;
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += std::string(i % 700, static_cast<char>('a' + i % 26));
    v1::Piece piece;
    piece.set_text(std::string(i % 700, static_cast<char>('a' + i % 26)));
    output.Add(std::move(piece));
  }
  EXPECT_EQ(output.byte_count(), text.size());
  EXPECT_EQ(output.TakeMessage().parts(0).text(), text);
}

TEST(OutputBuilderTest, NothingIsAnEmptyMessageOfTheModel) {
  EXPECT_THAT(OutputBuilder().TakeMessage(), EqualsProto("role: ROLE_MODEL"));
}

}  // namespace
}  // namespace colophon
