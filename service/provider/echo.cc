#include "service/provider/echo.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "service/base/json.h"
#include "service/provider/json_fields.h"

namespace colophon {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// The words, each with the white space behind it; together they are `text`.
std::deque<std::string> WordsOf(std::string_view text) {
  std::deque<std::string> words;
  while (!text.empty()) {
    auto end = std::find_if_not(text.begin(), text.end(), IsSpace);
    end = std::find_if(end, text.end(), IsSpace);
    end = std::find_if_not(end, text.end(), IsSpace);
    words.emplace_back(text.begin(), end);
    text.remove_prefix(end - text.begin());
  }
  return words;
}

int64_t WordCount(std::string_view text) {
  if (text.find_first_not_of(" \n\t\r") == text.npos) return 0;
  return static_cast<int64_t>(WordsOf(text).size());
}

class EchoCall : public ProviderCall {
 public:
  EchoCall(const json::object& body, std::string_view model, bool stream) {
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
    output_tokens_ = WordCount(text);
    if (stream) {
      words_ = WordsOf(text);
    } else if (!text.empty()) {
      words_.push_back(std::move(text));
    }
  }

  Task<absl::StatusOr<std::optional<v1::Piece>>> Next() override {
    std::optional<v1::Piece> piece;
    if (cancelled_) {
      co_return Error(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled");
    }
    if (words_.empty()) {
      metadata_.set_stop_reason(v1::STOP_REASON_END);
      metadata_.set_provider_stop_reason("end");
      metadata_.mutable_usage()->set_output_tokens(output_tokens_);
    } else {
      piece.emplace().set_text(std::move(words_.front()));
      words_.pop_front();
    }
    co_return piece;
  }

  void Cancel() override { cancelled_ = true; }
  const v1::Completion& metadata() const override { return metadata_; }

 private:
  std::deque<std::string> words_;
  int64_t output_tokens_ = 0;
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
