#include "service/completion/request_check.h"

#include <string>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/field_check.h"
#include "service/base/reference.h"
#include "service/provider/media.h"

namespace colophon {
namespace {

constexpr int kMaxTags = 32;
constexpr size_t kMaxTagBytes = 256;
constexpr size_t kMaxSubjectBytes = 256;
constexpr int kMaxHistory = 10'000;
constexpr absl::Duration kShortestTimeout = absl::Milliseconds(1);
constexpr absl::Duration kLongestTimeout = absl::Hours(24 * 365);

constexpr size_t kMaxRequestIdBytes = 64;
constexpr size_t kMaxErrorMessageBytes = 4096;
constexpr size_t kMaxProviderWordBytes = 256;
constexpr absl::Duration kLongestLatency = absl::Hours(24 * 30);
// How far a caller's clock may be ahead of ours.
constexpr absl::Duration kAhead = absl::Hours(24);

absl::Time FirstTime() { return absl::FromUnixSeconds(946'684'800); }  // 2000-01-01

absl::Status CheckTags(const google::protobuf::Map<std::string, std::string>& tags) {
  if (std::ssize(tags) > kMaxTags) {
    return BadField("TOO_MANY_TAGS", "tags", fmt::format("a map of {} tags", tags.size()),
                    fmt::format("at most {} are taken", kMaxTags));
  }
  for (const auto& [key, value] : tags) {
    const std::string field = fmt::format("tags[{}]", Quoted(key));
    if (key.empty()) return BadField("BAD_TAG", "tags", "a tag without a key", "give it one");
    RETURN_IF_ERROR(CheckLine("BAD_TAG", "the key of " + field, key, kMaxTagBytes));
    RETURN_IF_ERROR(CheckLine("BAD_TAG", field, value, kMaxTagBytes));
  }
  return absl::OkStatus();
}

absl::Status CheckHistory(const google::protobuf::RepeatedPtrField<v1::Message>& history) {
  if (history.size() > kMaxHistory) {
    return BadField("HISTORY_TOO_LONG", "history", fmt::format("{} messages", history.size()),
                    fmt::format("at most {} are taken", kMaxHistory));
  }
  for (int i = 0; i < history.size(); ++i) {
    const v1::Message& message = history[i];
    const std::string field = fmt::format("history[{}]", i);
    if (message.role() == v1::ROLE_UNSPECIFIED) {
      return BadField("BAD_HISTORY", field + ".role", "not given",
                      "say who speaks: ROLE_SYSTEM, ROLE_USER, ROLE_MODEL or ROLE_TOOL");
    }
    RETURN_IF_ERROR(CheckEnum("BAD_HISTORY", field + ".role", message.role()));
    for (int k = 0; k < message.parts_size(); ++k) {
      const v1::Part& part = message.parts(k);
      const std::string part_field = fmt::format("{}.parts[{}]", field, k);
      if (part.part_case() == v1::Part::PART_NOT_SET) {
        return BadField("BAD_HISTORY", part_field, "empty",
                        "give text, media, a tool request, a tool response or reasoning");
      }
      if (part.has_media()) RETURN_IF_ERROR(CheckMedia(part.media(), part_field + ".media"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckUsage(const v1::Usage& usage) {
  const struct {
    const char* field;
    bool is_given;
    int64_t count;
  } counts[] = {
      {"input_tokens", usage.has_input_tokens(), usage.input_tokens()},
      {"output_tokens", usage.has_output_tokens(), usage.output_tokens()},
      {"cached_input_tokens", usage.has_cached_input_tokens(), usage.cached_input_tokens()},
      {"cache_write_tokens", usage.has_cache_write_tokens(), usage.cache_write_tokens()},
      {"reasoning_tokens", usage.has_reasoning_tokens(), usage.reasoning_tokens()},
  };
  for (const auto& [field, is_given, count] : counts) {
    if (is_given) {
      RETURN_IF_ERROR(CheckCount(fmt::format("completion.usage.{}", field), count));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCompletion(const v1::Completion& completion) {
  constexpr char kReason[] = "BAD_COMPLETION";
  const v1::Message& message = completion.message();
  RETURN_IF_ERROR(CheckEnum(kReason, "completion.message.role", message.role()));
  if (message.role() != v1::ROLE_MODEL && message.role() != v1::ROLE_UNSPECIFIED) {
    return BadField(kReason, "completion.message.role", v1::Role_Name(message.role()),
                    "what a model answered is ROLE_MODEL's");
  }
  for (int i = 0; i < message.parts_size(); ++i) {
    const std::string field = fmt::format("completion.message.parts[{}]", i);
    switch (message.parts(i).part_case()) {
      case v1::Part::PART_NOT_SET:
        return BadField(kReason, field, "empty", "give text, media, a tool request or reasoning");
      case v1::Part::kToolResponse:
      case v1::Part::kSection:
        return BadField(kReason, field, "a tool response or a section",
                        "a model answers with text, media, tool requests and reasoning");
      case v1::Part::kMedia:
        RETURN_IF_ERROR(CheckMedia(message.parts(i).media(), field + ".media"));
        break;
      default:
        break;
    }
  }
  RETURN_IF_ERROR(CheckEnum(kReason, "completion.stop_reason", completion.stop_reason()));
  RETURN_IF_ERROR(CheckLine(kReason, "completion.provider_stop_reason",
                            completion.provider_stop_reason(), kMaxProviderWordBytes));
  RETURN_IF_ERROR(CheckLine(kReason, "completion.provider_model", completion.provider_model(),
                            kMaxProviderWordBytes));
  RETURN_IF_ERROR(CheckLine(kReason, "completion.provider_id", completion.provider_id(),
                            kMaxProviderWordBytes));
  return CheckUsage(completion.usage());
}

absl::Status CheckEnd(const v1::CreateRecordRequest& request) {
  RETURN_IF_ERROR(CheckEnum("BAD_STATUS", "status", request.status()));
  if (request.status() == v1::RECORD_STATUS_OPEN) {
    return BadField("BAD_STATUS", "status", "RECORD_STATUS_OPEN",
                    "a completion that is recorded has ended");
  }
  const bool is_ok =
      request.status() == v1::RECORD_STATUS_OK || request.status() == v1::RECORD_STATUS_UNSPECIFIED;
  if (is_ok && !request.error_message().empty()) {
    return BadField("BAD_ERROR_MESSAGE", "error_message", Quoted(request.error_message()),
                    "RECORD_STATUS_OK has none: say how it failed in status, or leave it out");
  }
  return CheckText("BAD_ERROR_MESSAGE", "error_message", request.error_message(),
                   kMaxErrorMessageBytes);
}

absl::Status CheckTimes(const v1::CreateRecordRequest& request, absl::Time now) {
  absl::Duration latency = absl::ZeroDuration();
  if (request.has_latency()) {
    ASSIGN_OR_RETURN(latency, ReadDuration("BAD_DURATION", "latency", request.latency(),
                                           absl::ZeroDuration(), kLongestLatency));
  }
  if (!request.has_start_time()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::Time start,
                   ReadTime("BAD_TIME", "start_time", request.start_time()));
  const auto text = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
  };
  if (start < FirstTime()) {
    return BadField("BAD_TIME", "start_time", text(start), "no call began before the year 2000");
  }
  if (start > now + kAhead) {
    return BadField("BAD_TIME", "start_time", text(start),
                    fmt::format("by the server's clock it is {}: a call that has ended began "
                                "before that",
                                text(now)));
  }
  if (start + latency > now + kAhead) {
    return BadField("BAD_DURATION", "latency", absl::FormatDuration(latency),
                    fmt::format("from start_time {} on it ends after {}, which is now by the "
                                "server's clock",
                                text(start), text(now)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckInputs(const v1::Intent& inputs) {
  RETURN_IF_ERROR(CheckHistory(inputs.history()));
  RETURN_IF_ERROR(CheckLine("BAD_SUBJECT", "subject", inputs.subject(), kMaxSubjectBytes));
  RETURN_IF_ERROR(CheckTags(inputs.tags()));
  RETURN_IF_ERROR(CheckStruct("overrides.config", inputs.overrides().config()));
  if (inputs.overrides().model().empty()) return absl::OkStatus();
  return CheckModelName("overrides.model", inputs.overrides().model());
}

absl::Status CheckTimeout(const v1::CompleteRequest& request) {
  if (!request.has_timeout()) return absl::OkStatus();
  return ReadDuration("BAD_DURATION", "timeout", request.timeout(), kShortestTimeout,
                      kLongestTimeout)
      .status();
}

absl::Status CheckRecord(const v1::CreateRecordRequest& request, absl::Time now) {
  if (!request.request_id().empty()) {
    RETURN_IF_ERROR(
        CheckLine("BAD_REQUEST_ID", "request_id", request.request_id(), kMaxRequestIdBytes));
  }
  RETURN_IF_ERROR(CheckDigest("rendered_digest", request.rendered_digest()));
  RETURN_IF_ERROR(CheckEnd(request));
  RETURN_IF_ERROR(CheckCompletion(request.completion()));
  if (!request.model().empty()) RETURN_IF_ERROR(CheckModelName("model", request.model()));
  return CheckTimes(request, now);
}

}  // namespace colophon
