#pragma once

#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "service/provider/wire_format.h"

namespace colophon {

inline v1::Rendered Parsed(const char* text) {
  v1::Rendered rendered;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &rendered)) << text;
  return rendered;
}

inline std::string Show(const v1::Piece& piece) {
  switch (piece.piece_case()) {
    case v1::Piece::kText:
      return fmt::format("text({})", piece.text());
    case v1::Piece::kReasoning:
      return fmt::format("reasoning({}|{})", piece.reasoning().text(),
                         piece.reasoning().signature());
    case v1::Piece::kToolRequest:
      return fmt::format("tool({}|{}|{}|{})", piece.tool_request().index(),
                         piece.tool_request().id(), piece.tool_request().name(),
                         piece.tool_request().arguments());
    case v1::Piece::kOther:
      return fmt::format("other({})", piece.other());
    default:
      return "nothing()";
  }
}

inline std::string Show(AnswerParser& answer) {
  std::string out;
  for (const v1::Piece& piece : answer.pieces()) out += Show(piece);
  return out;
}

// Reads the events as a stream; stops at the terminator.
inline absl::Status ReadEvents(const std::vector<std::string>& stream, AnswerParser* answer) {
  EventStream parser;
  for (const std::string& bytes : stream) {
    std::vector<ServerEvent> events;
    RETURN_IF_ERROR(parser.Feed(bytes, &events));
    for (const ServerEvent& event : events) RETURN_IF_ERROR(answer->ReadEvent(event));
  }
  return absl::OkStatus();
}

}  // namespace colophon
