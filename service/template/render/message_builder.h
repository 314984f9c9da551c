#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "service/base/work.h"

namespace colophon::render {

// Puts messages together from text and from what helpers of the template ask
// for. Roles, media, sections and the place of the history come from calls of
// its methods and from nowhere else: text is never looked into, so no value
// can open a message.
//
// The rules are the reference runtime's: the first role is user; text that is
// only white space between two markers is dropped; after the history the model
// speaks; without {{history}} the history goes before a final user message,
// else to the end.
//
// What is made is priced with all that follows for it: the answer, the digest of
// what was sent, the provider's request. When `work` ends or more than `most_bytes`
// are taken, it takes no more, and whoever calls looks at both.
class MessageBuilder {
 public:
  using Messages = google::protobuf::RepeatedPtrField<v1::Message>;

  MessageBuilder(int64_t most_bytes, Work* work) : most_bytes_(most_bytes), work_(work) {}

  void Text(std::string_view text);
  void Role(v1::Role role);
  // `bytes` of it are copied here.
  void History(int64_t bytes);
  void Media(std::string url, std::string content_type);
  void Section(std::string name);

  // Between these two `indent` goes before every line, as for a partial that
  // stands alone on an indented line. They nest.
  void PushIndent(std::string_view indent) { indents_.push_back({indent, true}); }
  void PopIndent() { indents_.pop_back(); }

  // From now on spans are kept: the text that follows comes from `source`, whose
  // place in the messages is filled in.
  void SetSource(v1::Span source) { source_ = std::move(source); }
  // After Finish: of all text, in order; empty without SetSource.
  const google::protobuf::RepeatedPtrField<v1::Span>& spans() const { return spans_; }

  // Bytes of text, URLs, names and history taken so far.
  int64_t bytes() const { return bytes_; }

  // The messages, with those of the history among them. To be called once.
  Messages Finish(const Messages& history);

 private:
  struct Indent {
    std::string_view text;
    bool at_line_start;
  };

  bool Append(std::string_view text);
  void AddSpan(size_t begin);
  bool IndentLine();
  // Ends the text between two markers.
  void EndText();
  // Ends the message being made; drops it when there is nothing in it.
  void EndMessage();

  const int64_t most_bytes_;
  Work* const work_;
  Messages messages_;
  // Before which of `messages_` the history goes; {{history}} may come twice.
  std::vector<int> history_places_;
  v1::Message message_;
  v1::Role role_ = v1::ROLE_USER;
  std::string text_;
  std::vector<Indent> indents_;
  int64_t bytes_ = 0;
  std::optional<v1::Span> source_;
  google::protobuf::RepeatedPtrField<v1::Span> spans_;
  int text_spans_ = 0;  // So many of the last ones are of text_.
};

// The price of a copy of the history.
bool SpendOnMessages(const MessageBuilder::Messages& messages, Work* work);

}  // namespace colophon::render
