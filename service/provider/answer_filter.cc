#include "service/provider/answer_filter.h"

#include <utility>

namespace colophon {

AnswerFilter::AnswerFilter(const SecretPatterns* patterns)
    : patterns_(patterns), text_(patterns), reasoning_(patterns) {}

void AnswerFilter::Take(std::deque<v1::Piece>* from) {
  for (; !from->empty(); from->pop_front()) {
    if (patterns_->empty()) {
      pieces_.push_back(std::move(from->front()));
    } else {
      Add(std::move(from->front()));
    }
  }
}

void AnswerFilter::Finish() { EndKind(); }

void AnswerFilter::Add(v1::Piece piece) {
  if (piece.piece_case() != kind_) EndKind();
  kind_ = piece.piece_case();
  switch (kind_) {
    case v1::Piece::kText:
      AddText(text_.Feed(piece.text()));
      break;
    case v1::Piece::kReasoning: {
      std::string text = reasoning_.Feed(piece.reasoning().text());
      // A signature is whole, and ends its block.
      const std::string& signature = piece.reasoning().signature();
      if (!signature.empty()) text += reasoning_.Finish();
      AddReasoning(std::move(text), RemoveSecrets(*patterns_, signature, &removed_count_));
      break;
    }
    case v1::Piece::kToolRequest: {
      v1::ToolRequestPiece& request = *piece.mutable_tool_request();
      SecretFilter& filter = arguments_.try_emplace(request.index(), patterns_).first->second;
      request.set_id(RemoveSecrets(*patterns_, request.id(), &removed_count_));
      request.set_name(RemoveSecrets(*patterns_, request.name(), &removed_count_));
      request.set_arguments(filter.Feed(request.arguments()));
      const bool holds_nothing =
          request.id().empty() && request.name().empty() && request.arguments().empty();
      if (!holds_nothing) pieces_.push_back(std::move(piece));
      break;
    }
    case v1::Piece::kOther:
      piece.set_other(RemoveSecrets(*patterns_, piece.other(), &removed_count_));
      pieces_.push_back(std::move(piece));
      break;
    case v1::Piece::PIECE_NOT_SET:
      break;
  }
}

void AnswerFilter::EndKind() {
  AddText(text_.Finish());
  AddReasoning(reasoning_.Finish(), "");
  for (auto& [index, filter] : arguments_) AddArguments(index, filter.Finish());
}

void AnswerFilter::AddText(std::string text) {
  if (!text.empty()) pieces_.emplace_back().set_text(std::move(text));
}

void AnswerFilter::AddReasoning(std::string text, std::string signature) {
  if (text.empty() && signature.empty()) return;
  v1::Reasoning* reasoning = pieces_.emplace_back().mutable_reasoning();
  reasoning->set_text(std::move(text));
  reasoning->set_signature(std::move(signature));
}

void AnswerFilter::AddArguments(int index, std::string arguments) {
  if (arguments.empty()) return;
  v1::ToolRequestPiece* request = pieces_.emplace_back().mutable_tool_request();
  request->set_index(index);
  request->set_arguments(std::move(arguments));
}

void AnswerFilter::TakeMetadata(const v1::Completion& metadata) {
  metadata_ = metadata;
  removed_from_metadata_ = 0;
  for (std::string* words : {metadata_.mutable_provider_id(), metadata_.mutable_provider_model(),
                             metadata_.mutable_provider_stop_reason()}) {
    *words = RemoveSecrets(*patterns_, *words, &removed_from_metadata_);
  }
}

int64_t AnswerFilter::removed_count() const {
  int64_t count =
      removed_count_ + removed_from_metadata_ + text_.removed_count() + reasoning_.removed_count();
  for (const auto& [index, filter] : arguments_) count += filter.removed_count();
  return count;
}

}  // namespace colophon
