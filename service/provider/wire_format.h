#pragma once

// What differs between model APIs: how a request is written and how an answer
// is read. Bytes in, bytes out; the network is HttpProvider's.

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "colophon/v1/completion.pb.h"
#include "service/base/json.h"
#include "service/base/status.h"
#include "service/provider/event_stream.h"
#include "service/provider/half_pairs.h"

namespace colophon {

// Reads one answer.
class AnswerParser {
 public:
  virtual ~AnswerParser() = default;

  // A unary answer, which is its own terminator.
  virtual absl::Status ReadWhole(std::string_view body) = 0;
  // The next event of a streamed one.
  virtual absl::Status ReadEvent(const ServerEvent& event) = 0;

  // The provider's own terminator was seen; nothing after it counts.
  bool done() const { return done_; }
  // What was read and not yet taken.
  std::deque<v1::Piece>& pieces() { return pieces_; }
  const v1::Completion& metadata() const { return metadata_; }

 protected:
  // JSON that the API sent, whole or a piece of it.
  static absl::StatusOr<json::value> ParseAnswer(std::string_view text);

  // What is empty adds nothing.
  void AddText(std::string text);
  void AddReasoning(std::string text, std::string signature = "");
  void AddToolRequest(int index, std::string id, std::string name, std::string arguments);

  bool done_ = false;
  std::deque<v1::Piece> pieces_;
  v1::Completion metadata_;

 private:
  HalfPairs halves_;
};

// Thread-safe.
class WireFormat {
 public:
  virtual ~WireFormat() = default;
  // As Provider::Encode.
  virtual absl::StatusOr<std::string> Encode(const v1::Rendered& rendered, std::string_view model,
                                             bool stream) const = 0;
  virtual std::unique_ptr<AnswerParser> NewAnswer() const = 0;
};

}  // namespace colophon
