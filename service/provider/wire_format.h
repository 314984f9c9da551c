#pragma once

// What differs between model APIs: how a request is written and how an answer
// is read. Bytes in, bytes out; the network is HttpProvider's.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "service/base/json.h"
#include "service/base/status.h"
#include "service/provider/event_stream.h"
#include "service/provider/half_pairs.h"

namespace colophon {

// Reads one answer. What is odd and can be understood is taken, with a note of
// it; what says that the provider failed is an error, wherever it stands; what
// isn't known is kept as its JSON.
class AnswerParser {
 public:
  virtual ~AnswerParser() = default;

  // A unary answer, which is its own terminator.
  absl::Status ReadWhole(std::string_view body);

  // The next event of a streamed one. An event without data says nothing. Some
  // servers end their events with one line break instead of two: then each line is
  // one, if each alone is JSON and all together are not.
  absl::Status ReadEvent(const ServerEvent& event);

  // The same for one that the end of the stream left open: nothing when it isn't whole.
  absl::Status ReadLastEvent(const ServerEvent& event);

  // The stream ended as HTTP wants it and without the API's terminator: OK when all
  // that the API promises before it had come, else PROVIDER_CUT.
  absl::Status ReadEnd();

  // Nothing more is read: gives what is kept until its end.
  virtual void Close() {}

  // The provider's own terminator was seen; nothing after it counts.
  bool done() const { return done_; }
  // What was read and not yet taken.
  std::deque<v1::Piece>& pieces() { return pieces_; }
  const v1::Completion& metadata() const { return metadata_; }
  // What was odd and how it was taken, each once.
  const std::vector<std::string>& notes() const { return notes_; }

 protected:
  // The whole of a unary answer, and the data of an event. `text` is what `value` was
  // read from, for messages.
  virtual absl::Status ReadBody(const json::value& value, std::string_view text) = 0;
  virtual absl::Status ReadData(const std::string& type, const json::value& value,
                                std::string_view text) = 0;
  // "[DONE]" was said.
  virtual absl::Status ReadDone() = 0;
  // True when only the terminator is missing.
  virtual bool IsWhole() const = 0;

  // What is empty adds nothing.
  void AddText(std::string text);
  void AddReasoning(std::string text, std::string signature = "");
  void AddToolRequest(int index, std::string id, std::string name, std::string arguments);
  // A part that isn't known here; `kind` is the API's word for it.
  void AddOther(std::string_view kind, const json::value& part);

  // Sets the provider's word and what it means. PROVIDER_CUT when it says that the
  // answer broke off.
  absl::Status SetStopReason(const std::string& word, v1::StopReason reason);

  void Note(std::string note);

  bool done_ = false;
  std::deque<v1::Piece> pieces_;
  v1::Completion metadata_;

 private:
  // JSON that the API sent, whole or a piece of it.
  absl::StatusOr<json::value> Parse(std::string_view text);
  absl::Status ReadText(const std::string& type, std::string_view text);

  HalfPairs halves_;
  std::vector<std::string> notes_;
};

// How an API is asked for the tokens that a model would read.
//
// Thread-safe.
class CountFormat {
 public:
  virtual ~CountFormat() = default;
  // What follows the path of calls.
  virtual std::string_view path() const = 0;
  // As Provider::EncodeCount.
  virtual absl::StatusOr<std::string> Encode(const v1::Rendered& rendered,
                                             std::string_view model) const = 0;
  // Its answer is the usage's input_tokens.
  virtual std::unique_ptr<AnswerParser> NewAnswer() const = 0;
};

// Thread-safe.
class WireFormat {
 public:
  virtual ~WireFormat() = default;
  // As Provider::Encode.
  virtual absl::StatusOr<std::string> Encode(const v1::Rendered& rendered, std::string_view model,
                                             bool stream) const = 0;
  virtual std::unique_ptr<AnswerParser> NewAnswer() const = 0;

  // Of an API that counts tokens without a call; null: it doesn't.
  virtual const CountFormat* count() const { return nullptr; }
};

}  // namespace colophon
