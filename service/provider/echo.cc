#include "service/provider/echo.h"

#include <algorithm>
#include <utility>

#include "service/base/json.h"
#include "service/provider/json_fields.h"

namespace colophon {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// The first word and the white space around it; empty for an empty text.
std::string_view FirstWord(std::string_view text) {
  auto end = std::find_if_not(text.begin(), text.end(), IsSpace);
  end = std::find_if(end, text.end(), IsSpace);
  end = std::find_if_not(end, text.end(), IsSpace);
  return text.substr(0, end - text.begin());
}

int64_t WordCount(std::string_view text) {
  int64_t count = 0;
  bool in_word = false;
  for (const char c : text) {
    count += !in_word && !IsSpace(c) ? 1 : 0;
    in_word = !IsSpace(c);
  }
  return count;
}

// Says the last user message again: word by word, or whole when not streamed.
class EchoCall : public ProviderCall {
 public:
  EchoCall(const json::object& body, std::string_view model, bool stream) : stream_(stream) {
    std::string text;
    int64_t input_tokens = 0;
    bool user_spoke = false;
    const json::array* messages = ArrayOf(body, "messages");
    for (size_t i = 0; messages != nullptr && i < messages->size(); ++i) {
      if (!(*messages)[i].is_object()) continue;
      const json::object& message = (*messages)[i].get_object();
      const bool is_user = TextOf(message, "role") == "user";
      if (is_user || !user_spoke) text = TextOf(message, "content");
      user_spoke = user_spoke || is_user;
      input_tokens += WordCount(TextOf(message, "content"));
    }
    metadata_.set_provider_model(std::string(model));
    metadata_.mutable_usage()->set_input_tokens(input_tokens);
    text_ = std::move(text);
  }

  Task<absl::StatusOr<std::optional<v1::Piece>>> Next() override {
    std::optional<v1::Piece> piece;
    if (cancelled_) {
      co_return Error(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled");
    }
    const std::string_view rest = std::string_view(text_).substr(sent_);
    if (rest.empty()) {
      metadata_.set_stop_reason(v1::STOP_REASON_END);
      metadata_.set_provider_stop_reason("end");
      metadata_.mutable_usage()->set_output_tokens(WordCount(text_));
    } else {
      const std::string_view next = stream_ ? FirstWord(rest) : rest;
      piece.emplace().set_text(std::string(next));
      sent_ += next.size();
    }
    co_return piece;
  }

  void Cancel() override { cancelled_ = true; }
  const v1::Completion& metadata() const override { return metadata_; }

 private:
  const bool stream_;
  std::string text_;
  size_t sent_ = 0;  // Bytes of it.
  bool cancelled_ = false;
  v1::Completion metadata_;
};

std::string RoleName(v1::Role role) {
  switch (role) {
    case v1::ROLE_SYSTEM:
      return "system";
    case v1::ROLE_USER:
      return "user";
    case v1::ROLE_MODEL:
      return "model";
    case v1::ROLE_TOOL:
      return "tool";
    default:
      return "unspecified";
  }
}

}  // namespace

// Only text has a place in the body; the rest of the prompt isn't echoed.
absl::StatusOr<std::string> EchoProvider::Encode(const v1::Rendered& rendered,
                                                 std::string_view model, bool stream) const {
  json::array messages;
  for (const v1::Message& message : rendered.messages()) {
    std::string text;
    for (const v1::Part& part : message.parts()) {
      if (part.part_case() == v1::Part::kText) text += part.text();
    }
    messages.push_back({{"role", RoleName(message.role())}, {"content", text}});
  }
  return WriteJson(json::object{{"model", json::string_view(model.data(), model.size())},
                                {"messages", std::move(messages)},
                                {"stream", stream}});
}

std::unique_ptr<ProviderCall> EchoProvider::Start(Loop&, ProviderRequest request) {
  const absl::StatusOr<json::value> body = ParseJson(request.body);
  const json::object empty;
  const json::object& object = body.ok() && body->is_object() ? body->get_object() : empty;
  return std::make_unique<EchoCall>(object, request.model, request.stream);
}

}  // namespace colophon
