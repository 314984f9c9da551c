#include "service/shape/parameters.h"

#include <string>
#include <utility>

namespace colophon::shape {
namespace {

// Where prompts name a parameter otherwise than the other APIs.
constexpr std::pair<std::string_view, std::string_view> kParameterNames[] = {
    {"top_p", "topP"},
    {"top_k", "topK"},
    {"max_tokens", "maxOutputTokens"},
    {"max_completion_tokens", "maxOutputTokens"},
    {"max_output_tokens", "maxOutputTokens"},
    {"stop", "stopSequences"},
    {"stop_sequences", "stopSequences"},
    {"frequency_penalty", "frequencyPenalty"},
    {"presence_penalty", "presencePenalty"},
};

}  // namespace

absl::Status ReadParameters(Fields* body, v1::CompleteRequest* call) {
  v1::Overrides* const overrides = call->mutable_overrides();
  RETURN_IF_ERROR(
      body->TakeRest([&](const std::string& key, const json::value& value) -> absl::Status {
        if (key.starts_with("colophon") ||
            (key.starts_with("prompt_") && !key.starts_with("prompt_cache_"))) {
          return NoPlace(body->At(key),
                         "a prompt is named by prompt_id, prompt_version, "
                         "prompt_label and prompt_variables");
        }
        std::string name = key;
        for (const auto& [theirs, ours] : kParameterNames) {
          if (theirs == key) name = ours;
        }
        google::protobuf::Value parameter;
        const bool is_one_text = name == "stopSequences" && value.is_string();
        FromJson(is_one_text ? json::value(json::array{value}) : value, &parameter);
        const auto [place, is_new] =
            overrides->mutable_config()->mutable_fields()->insert({name, parameter});
        if (!is_new && ToJson(place->second) != ToJson(parameter)) {
          return Wrong(body->At(key), value, "another name of it has another value: say it once");
        }
        return absl::OkStatus();
      }));
  if (overrides->ByteSizeLong() == 0) call->clear_overrides();
  return absl::OkStatus();
}

absl::Status ReadMetadata(Fields* body, v1::CompleteRequest* call) {
  ASSIGN_OR_RETURN(const json::object* const metadata, body->Object("metadata"));
  if (metadata == nullptr) return absl::OkStatus();
  Fields marks(*metadata, "metadata");
  for (const auto& member : *metadata) {
    const std::string key(View(member.key()));
    ASSIGN_OR_RETURN(std::string value, marks.Text(key));
    const auto [tag, is_new] = call->mutable_tags()->insert({key, value});
    if (!is_new && tag->second != value) {
      return Wrong(marks.At(key), member.value(), "colophon.tags says something else of it");
    }
  }
  return absl::OkStatus();
}

}  // namespace colophon::shape
