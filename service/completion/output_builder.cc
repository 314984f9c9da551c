#include "service/completion/output_builder.h"

namespace colophon {

void OutputBuilder::Add(v1::Piece piece) {
  ++piece_count_;
  const int count = message_.parts_size();
  v1::Part* last = count > 0 ? message_.mutable_parts(count - 1) : nullptr;
  switch (piece.piece_case()) {
    case v1::Piece::kText:
      byte_count_ += piece.text().size();
      if (last != nullptr && last->has_text()) {
        last->mutable_text()->append(piece.text());
      } else {
        message_.add_parts()->set_text(std::move(*piece.mutable_text()));
      }
      break;
    case v1::Piece::kReasoning: {
      // A signature ends a block of reasoning.
      if (last == nullptr || !last->has_reasoning() || !last->reasoning().signature().empty()) {
        last = message_.add_parts();
      }
      byte_count_ += piece.reasoning().text().size() + piece.reasoning().signature().size();
      v1::Reasoning* reasoning = last->mutable_reasoning();
      reasoning->mutable_text()->append(piece.reasoning().text());
      reasoning->mutable_signature()->append(piece.reasoning().signature());
      break;
    }
    case v1::Piece::kToolRequest: {
      const v1::ToolRequestPiece& part = piece.tool_request();
      byte_count_ += part.arguments().size();
      const auto [entry, is_new] = tool_parts_.try_emplace(part.index(), count);
      if (is_new) message_.add_parts();
      v1::ToolRequest* request = message_.mutable_parts(entry->second)->mutable_tool_request();
      if (!part.id().empty()) request->set_id(part.id());
      if (!part.name().empty()) request->set_name(part.name());
      request->mutable_arguments()->append(part.arguments());
      break;
    }
    case v1::Piece::PIECE_NOT_SET:
      break;
  }
}

}  // namespace colophon
