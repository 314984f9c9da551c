#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "colophon/v1/completion.pb.h"
#include "service/provider/secret_patterns.h"

namespace colophon {

// Takes the secrets of a provider's configuration out of its answer, in every
// field that holds words of the provider's. Text, reasoning and the arguments of
// each tool request are looked at across their pieces; what is held back of one
// comes out before a piece of another kind, so that the order stays.
class AnswerFilter {
 public:
  // `patterns` outlives it.
  explicit AnswerFilter(const SecretPatterns* patterns);

  // Moves what is certain of the pieces to pieces().
  void Take(std::deque<v1::Piece>* from);
  // No more pieces: gives what was held back.
  void Finish();

  std::deque<v1::Piece>& pieces() { return pieces_; }

  // The same for what is known beside the message, each time it has changed.
  void TakeMetadata(const v1::Completion& metadata);
  const v1::Completion& metadata() const { return metadata_; }

  // Of an error's message, by whoever removed them.
  void CountRemoved(int64_t count) { removed_count_ += count; }

  int64_t removed_count() const;

 private:
  void Add(v1::Piece piece);
  void EndKind();
  void AddText(std::string text);
  void AddReasoning(std::string text, std::string signature);
  void AddArguments(int index, std::string arguments);

  const SecretPatterns* const patterns_;
  std::deque<v1::Piece> pieces_;
  v1::Piece::PieceCase kind_ = v1::Piece::PIECE_NOT_SET;  // Of the last piece.
  SecretFilter text_;
  SecretFilter reasoning_;
  std::map<int, SecretFilter> arguments_;  // By the request's index.
  int64_t removed_count_ = 0;              // But for those of the filters.
  v1::Completion metadata_;
  int64_t removed_from_metadata_ = 0;
};

}  // namespace colophon
