#include <memory>
#include <string>

#include "service/provider/anthropic.h"
#include "service/provider/json_fields.h"
#include "service/provider/provider_error.h"

namespace colophon {
namespace {

// {"input_tokens": 14}
class CountAnswer : public AnswerParser {
 private:
  absl::Status ReadBody(const json::value& value, std::string_view text) override {
    const json::object* const object = value.if_object();
    const auto count = object == nullptr ? std::nullopt : CountOf(*object, "input_tokens");
    if (!count) return Malformed("counts no input_tokens", text);
    metadata_.mutable_usage()->set_input_tokens(*count);
    return absl::OkStatus();
  }
  absl::Status ReadData(const std::string&, const json::value&, std::string_view text) override {
    return Malformed("streams a count", text);
  }
  absl::Status ReadDone() override { return Malformed("streams a count"); }
  bool IsWhole() const override { return false; }
};

class AnthropicCount : public CountFormat {
 public:
  std::string_view path() const override { return "/count_tokens"; }

  // Of a call's body what the endpoint takes; the rest is of the answer.
  absl::StatusOr<std::string> Encode(const v1::Rendered& rendered,
                                     std::string_view model) const override {
    ASSIGN_OR_RETURN(const std::string whole, AnthropicFormat().Encode(rendered, model, false));
    ASSIGN_OR_RETURN(const json::value call, ParseJson(whole));
    json::object body;
    for (const char* const key :
         {"model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"}) {
      if (const json::value* const value = call.get_object().if_contains(key)) body[key] = *value;
    }
    return WriteJson(body);
  }

  std::unique_ptr<AnswerParser> NewAnswer() const override {
    return std::make_unique<CountAnswer>();
  }
};

}  // namespace

const CountFormat* AnthropicFormat::count() const {
  static const AnthropicCount count;
  return &count;
}

}  // namespace colophon
