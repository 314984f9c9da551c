#include "service/shape/answer.h"

#include "fmt/format.h"
#include "service/base/ids.h"

namespace colophon::shape {
namespace {

json::array ViolationsOf(const v1::CompleteResponse& response) {
  json::array violations;
  for (const v1::Violation& violation : response.output_violations()) {
    violations.push_back({{"pointer", violation.pointer()},
                          {"rule", violation.rule()},
                          {"message", violation.message()}});
  }
  return violations;
}

// Their JSON, as the provider sent it.
json::array OtherPartsOf(const v1::Message& message) {
  json::array others;
  for (const v1::Part& part : message.parts()) {
    if (!part.has_other()) continue;
    absl::StatusOr<json::value> value = ParseJson(part.other());
    others.push_back(value.ok() ? *std::move(value) : json::value(JsonText(part.other())));
  }
  return others;
}

}  // namespace

std::string ServerSentEvent(std::string_view event, std::string_view data) {
  if (event.empty()) return fmt::format("data: {}\n\n", data);
  return fmt::format("event: {}\ndata: {}\n\n", event, data);
}

int64_t SecondsOfRecord(std::string_view record) {
  constexpr size_t kTimeBytes = 6;
  const auto bytes = UuidToBytes(record);
  if (!bytes) return 0;
  int64_t milliseconds = 0;
  for (size_t i = 0; i < kTimeBytes; ++i) {
    milliseconds = milliseconds << 8 | static_cast<unsigned char>((*bytes)[i]);
  }
  return milliseconds / 1000;
}

json::object Colophon(const v1::CompleteResponse& response) {
  const v1::Completion& completion = response.completion();
  json::object colophon{{"record", response.record()},
                        {"version", response.version()},
                        {"commit", response.commit()},
                        {"model", response.model()}};
  const auto add = [&](json::string_view key, const std::string& text) {
    if (!text.empty()) colophon[key] = text;
  };
  add("label", response.label());
  add("provider_model", completion.provider_model());
  add("provider_id", completion.provider_id());
  add("provider_stop_reason", completion.provider_stop_reason());
  if (response.has_output_valid()) colophon["output_valid"] = response.output_valid();
  if (response.output_violations_size() > 0) {
    colophon["output_violations"] = ViolationsOf(response);
  }
  if (json::array others = OtherPartsOf(completion.message()); !others.empty()) {
    colophon["other"] = std::move(others);
  }
  return colophon;
}

}  // namespace colophon::shape
