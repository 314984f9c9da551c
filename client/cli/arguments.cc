#include "client/cli/arguments.h"

#include <charconv>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "client/cli/local_file.h"
#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"
#include "service/base/json.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

template <class Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Whole days, which absl doesn't know.
std::optional<absl::Duration> DurationOf(std::string_view text) {
  if (const auto seconds = ParseNumber<double>(text)) return absl::Seconds(*seconds);
  if (!text.empty() && text.back() == 'd') {
    const auto days = ParseNumber<double>(text.substr(0, text.size() - 1));
    if (days) return absl::Hours(24 * *days);
  }
  absl::Duration duration;
  if (absl::ParseDuration(ToAbsl(text), &duration)) return duration;
  return std::nullopt;
}

// With what is wrong in front of where it is.
absl::StatusOr<json::value> ParseJsonOf(std::string_view what, std::string_view text) {
  absl::StatusOr<json::value> value = ParseJson(text);
  if (!value.ok()) {
    return InvalidArgument("BAD_JSON", fmt::format("{}: {}", what, MessageOf(value.status())));
  }
  if (const auto number = FindUnheldNumber(text)) {
    return InvalidArgument("INEXACT_NUMBER",
                           fmt::format("{}: {} doesn't fit into 64 bits: write it as a string, "
                                       "\"{}\"",
                                       what, *number, *number));
  }
  return value;
}

// The first whole number of a JSON text that a double doesn't hold to the last digit.
// REQUIRES: JSON.
std::optional<std::string_view> FindInexactInteger(std::string_view json) {
  constexpr std::string_view kNumber = "+-.0123456789eE";
  for (size_t i = 0; i < json.size();) {
    if (json[i] == '"') {
      for (++i; json[i] != '"'; ++i) i += json[i] == '\\';
      ++i;
    } else if (json[i] == '-' || (json[i] >= '0' && json[i] <= '9')) {
      const std::string_view text = json.substr(i, json.find_first_not_of(kNumber, i) - i);
      i += text.size();
      if (text.find_first_of(".eE") != text.npos) continue;
      const std::optional<double> number = ParseNumber<double>(text);
      if (!number || (text != "-0" && fmt::format("{:.0f}", *number) != text)) return text;
    } else {
      ++i;
    }
  }
  return std::nullopt;
}

// A Struct's numbers are doubles.
absl::Status CheckIntegers(std::string_view what, std::string_view json) {
  const auto inexact = FindInexactInteger(json);
  if (!inexact) return absl::OkStatus();
  return InvalidArgument(
      "INEXACT_NUMBER",
      fmt::format("{}: {} would lose digits, because numbers are sent as doubles: write it as a "
                  "string, \"{}\"",
                  what, *inexact, *inexact));
}

absl::Status TakeRole(json::object* message) {
  static const std::map<std::string_view, const char*> kRoles = {{"system", "ROLE_SYSTEM"},
                                                                 {"user", "ROLE_USER"},
                                                                 {"model", "ROLE_MODEL"},
                                                                 {"assistant", "ROLE_MODEL"},
                                                                 {"tool", "ROLE_TOOL"}};
  const json::value* role = message->if_contains("role");
  if (role == nullptr || !role->is_string()) {
    return InvalidArgument("BAD_HISTORY", "a message of the history has no \"role\"");
  }
  const auto found = kRoles.find(std::string_view(role->get_string()));
  if (found != kRoles.end()) (*message)["role"] = found->second;
  return absl::OkStatus();
}

absl::Status BadMessage(std::string_view json, std::string_view why) {
  return InvalidArgument(
      "BAD_HISTORY",
      fmt::format("{} {}; write {{\"role\": \"user\", \"content\": \"…\"}}, or for content a list "
                  "of parts such as {{\"text\": \"…\"}} and {{\"media\": {{\"url\": \"…\"}}}}",
                  json.size() > 200 ? "a message of the history" : json, why));
}

// A part as Dotprompt and OpenAI write it, as the API has it; nullopt for one that is neither.
std::optional<json::object> PartOf(const json::value& part) {
  const json::object* const from = part.if_object();
  if (from == nullptr) return std::nullopt;
  const auto member = [&](const char* key) -> const json::object* {
    const json::value* const value = from->if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
  };
  const auto text_or_json = [](const json::value& value) {
    return value.is_string() ? value : json::value(JsonText(WriteJson(value)));
  };
  if (from->contains("text")) return json::object{{"text", from->at("text")}};
  if (const json::object* const image = member("image_url")) {
    if (image->contains("url")) return json::object{{"media", {{"url", image->at("url")}}}};
  }
  if (const json::object* const media = member("media")) return json::object{{"media", *media}};
  for (const auto& [key, theirs, ours] : {std::tuple("toolRequest", "input", "arguments"),
                                          std::tuple("toolResponse", "output", "output")}) {
    const json::object* const tool = member(key);
    if (tool == nullptr) continue;
    json::object to;
    if (tool->contains("name")) to["name"] = tool->at("name");
    if (tool->contains("ref")) to["id"] = tool->at("ref");
    if (tool->contains(theirs)) to[ours] = text_or_json(tool->at(theirs));
    return json::object{{key, std::move(to)}};
  }
  return std::nullopt;
}

absl::StatusOr<v1::Message> ParseMessage(const json::value& value) {
  if (!value.is_object()) return BadMessage(WriteJson(value), "is not a message");
  json::object message = value.get_object();
  RETURN_IF_ERROR(TakeRole(&message));
  const json::value* content = message.if_contains("content");
  json::array parts;
  if (content != nullptr && content->is_string()) {
    parts.push_back(json::object{{"text", *content}});
  } else if (content != nullptr && content->is_array()) {
    for (const json::value& element : content->get_array()) {
      std::optional<json::object> part = PartOf(element);
      if (!part) return BadMessage(WriteJson(value), "has a part that isn't known");
      parts.push_back(*std::move(part));
    }
  }
  if (!parts.empty()) {
    message.erase("content");
    message["parts"] = std::move(parts);
  }
  v1::Message result;
  const auto parsed = google::protobuf::util::JsonStringToMessage(WriteJson(message), &result);
  if (!parsed.ok()) {
    return BadMessage(WriteJson(value),
                      fmt::format("is malformed: {}", std::string(parsed.message())));
  }
  return result;
}

// "V", and what stands in FILE of "@FILE".
absl::StatusOr<std::string> ReadValue(std::string_view key, const std::string& value) {
  if (!value.starts_with('@')) return value;
  if (value.starts_with("@@")) return value.substr(1);
  absl::StatusOr<std::string> content = ReadInput(value.substr(1));
  if (!content.ok()) {
    return Error(content.status().code(), ReasonOf(content.status()),
                 fmt::format("--var \"{}\": {}; for the text itself write {}=@{}", key,
                             MessageOf(content.status()), key, value));
  }
  if (!IsUtf8(*content)) {
    return InvalidArgument("NOT_UTF8", fmt::format("--var \"{}\": \"{}\" is not UTF-8: convert it",
                                                   key, value.substr(1)));
  }
  return content;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  const std::optional<absl::Duration> duration = DurationOf(text);
  if (duration) return *duration;
  return InvalidArgument("BAD_DURATION",
                         fmt::format("\"{}\" is not a duration; write 30s, 10m, 2h or 7d", text));
}

absl::StatusOr<absl::Time> ParseTime(std::string_view text, absl::Time now) {
  if (const auto ago = DurationOf(text); ago && !ParseNumber<double>(text)) return now - *ago;
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, nullptr)) return time;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%E*S"}) {
    if (absl::ParseTime(format, ToAbsl(text), absl::LocalTimeZone(), &time, nullptr)) return time;
  }
  return InvalidArgument(
      "BAD_TIME", fmt::format("\"{}\" is not a time; write 2h or 7d for so long ago, 2026-11-23, "
                              "\"2026-11-23 20:53\" or 2026-11-23T20:53:00Z",
                              text));
}

absl::StatusOr<json::object> ParseJsonObject(std::string_view json, std::string_view what) {
  ASSIGN_OR_RETURN(json::value value, ParseJsonOf(what, json));
  if (!value.is_object()) {
    return InvalidArgument("BAD_JSON", fmt::format("{} is not a JSON object", what));
  }
  return std::move(value.get_object());
}

absl::StatusOr<std::pair<std::string, std::string>> ParsePair(std::string_view text,
                                                              std::string_view what) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return InvalidArgument("BAD_PAIR", fmt::format("{} {} is not KEY=VALUE", what, Quoted(text)));
  }
  if (!IsUtf8(text)) {
    return InvalidArgument(
        "NOT_UTF8", fmt::format("{} {} holds bytes that are no UTF-8 text: {}; convert it", what,
                                Quoted(text.substr(0, equals)), Quoted(text.substr(equals + 1))));
  }
  return std::make_pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

absl::Status AddVariable(std::string_view text, json::object* variables) {
  ASSIGN_OR_RETURN(const auto pair, ParsePair(text, "--var"));
  std::string key = pair.first;
  ASSIGN_OR_RETURN(const std::string value, ReadValue(key, pair.second));
  if (key.back() != ':' || key.size() == 1) {
    (*variables)[key] = value;
    return absl::OkStatus();
  }
  key.pop_back();
  ASSIGN_OR_RETURN((*variables)[key], ParseJsonOf(fmt::format("--var \"{}\"", key), value));
  return absl::OkStatus();
}

absl::Status AddConfig(std::string_view text, google::protobuf::Struct* config) {
  ASSIGN_OR_RETURN(const auto pair, ParsePair(text, "--config"));
  google::protobuf::Value& value = (*config->mutable_fields())[pair.first];
  const absl::StatusOr<json::value> parsed = ParseJson(pair.second);
  if (parsed.ok()) {
    RETURN_IF_ERROR(CheckIntegers(fmt::format("--config \"{}\"", pair.first), pair.second));
    FromJson(*parsed, &value);
  } else {
    value.set_string_value(pair.second);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Message>> ParseHistory(std::string_view json) {
  ASSIGN_OR_RETURN(const json::value value, ParseJsonOf("the history", json));
  if (!value.is_array()) {
    return InvalidArgument("BAD_HISTORY", "the history is not a JSON array of messages");
  }
  std::vector<v1::Message> history;
  for (const json::value& item : value.get_array()) {
    ASSIGN_OR_RETURN(v1::Message message, ParseMessage(item));
    history.push_back(std::move(message));
  }
  return history;
}

absl::StatusOr<v1::LabelTargets> ParseTargets(const std::vector<std::string>& texts) {
  v1::LabelTargets targets;
  for (const std::string& text : texts) {
    std::string_view version = text;
    v1::LabelTarget* target = targets.add_targets();
    const size_t equals = version.find('=');
    std::optional<uint32_t> weight;
    if (equals != std::string_view::npos) {
      weight = ParseNumber<uint32_t>(version.substr(equals + 1));
      version = version.substr(0, equals);
    }
    if (!version.empty() && version.front() == 'v') version.remove_prefix(1);
    const auto number = ParseNumber<uint32_t>(version);
    // 0 is the API's word for the newest.
    const bool latest = version == "latest";
    if ((!latest && number.value_or(0) == 0) ||
        (equals != std::string_view::npos && weight.value_or(0) == 0)) {
      return InvalidArgument("BAD_TARGET",
                             fmt::format("\"{}\" is not a version; write v12, or v12=90 v13=10 "
                                         "for shares",
                                         text));
    }
    target->set_version(latest ? 0 : *number);
    if (weight) target->set_weight(*weight);
  }
  return targets;
}

}  // namespace colophon
