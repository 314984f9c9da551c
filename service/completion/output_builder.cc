#include "service/completion/output_builder.h"

#include <string>
#include <utility>

namespace colophon {

void OutputBuilder::Add(v1::Piece piece) {
  ++piece_count_;
  Part* last = parts_.empty() ? nullptr : &parts_.back();
  switch (piece.piece_case()) {
    case v1::Piece::kText:
      byte_count_ += piece.text().size();
      if (last == nullptr || !last->part.has_text()) {
        last = &parts_.emplace_back();
        last->part.mutable_text();
      }
      last->text.Append(std::move(*piece.mutable_text()));
      break;
    case v1::Piece::kReasoning: {
      v1::Reasoning& piece_part = *piece.mutable_reasoning();
      byte_count_ += piece_part.text().size() + piece_part.signature().size();
      // A signature ends a block of reasoning.
      if (last == nullptr || !last->part.has_reasoning() || !last->signature.empty()) {
        last = &parts_.emplace_back();
        last->part.mutable_reasoning();
      }
      last->text.Append(std::move(*piece_part.mutable_text()));
      last->signature.Append(std::move(*piece_part.mutable_signature()));
      break;
    }
    case v1::Piece::kToolRequest: {
      v1::ToolRequestPiece& piece_part = *piece.mutable_tool_request();
      byte_count_ += piece_part.arguments().size();
      const auto [entry, is_new] = tool_parts_.try_emplace(piece_part.index(), parts_.size());
      Part& part = is_new ? parts_.emplace_back() : parts_[entry->second];
      v1::ToolRequest* request = part.part.mutable_tool_request();
      if (!piece_part.id().empty()) request->set_id(std::move(*piece_part.mutable_id()));
      if (!piece_part.name().empty()) request->set_name(std::move(*piece_part.mutable_name()));
      part.text.Append(std::move(*piece_part.mutable_arguments()));
      break;
    }
    case v1::Piece::kOther:
      byte_count_ += piece.other().size();
      parts_.emplace_back().part.set_other(std::move(*piece.mutable_other()));
      break;
    case v1::Piece::PIECE_NOT_SET:
      break;
  }
}

v1::Message OutputBuilder::TakeMessage() {
  v1::Message message;
  message.set_role(v1::ROLE_MODEL);
  for (Part& from : std::exchange(parts_, {})) {
    v1::Part& part = *message.add_parts();
    part = std::move(from.part);
    if (part.has_text()) {
      part.set_text(std::string(from.text));
    } else if (part.has_reasoning()) {
      part.mutable_reasoning()->set_text(std::string(from.text));
      part.mutable_reasoning()->set_signature(std::string(from.signature));
    } else if (part.has_tool_request()) {
      part.mutable_tool_request()->set_arguments(std::string(from.text));
    }
  }
  return message;
}

}  // namespace colophon
