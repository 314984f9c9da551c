#include "service/provider/wire_format.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/provider/provider_error.h"
#include "service/provider/utf8_repair.h"

namespace colophon {
namespace {

constexpr std::string_view kTerminator = "[DONE]";
constexpr size_t kMaxNotes = 16;

std::string_view Trimmed(std::string_view text) {
  const auto is_space = [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (const std::string_view line = Trimmed(text.substr(0, end)); !line.empty()) {
      lines.push_back(line);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The words of servers whose backend broke off: what came isn't the answer.
bool SaysBrokenOff(std::string_view word) {
  static constexpr std::string_view kWords[] = {
      "error",        "network_error",  "insufficient_system_resource",
      "server_error", "internal_error", "timeout",
      "abort",        "aborted",        "cancelled",
      "canceled",     "failed",         "upstream_error"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

}  // namespace

absl::Status AnswerParser::ReadWhole(std::string_view body) {
  absl::StatusOr<json::value> value = Parse(body);
  if (!value.ok()) return NotJson("answers with something that is not JSON", body);
  RETURN_IF_ERROR(ReadBody(*value, body));
  done_ = true;
  return absl::OkStatus();
}

absl::Status AnswerParser::ReadEvent(const ServerEvent& event) {
  const std::string_view data = Trimmed(event.data);
  if (data.empty()) return absl::OkStatus();
  if (data.find('\n') == data.npos) return ReadText(event.type, data);
  const std::vector<std::string_view> lines = LinesOf(data);
  const auto is_one = [this](std::string_view line) {
    return line == kTerminator || Parse(line).ok();
  };
  if (is_one(data) || !std::all_of(lines.begin(), lines.end(), is_one)) {
    return ReadText(event.type, data);
  }
  Note("ends its events with one line break instead of two: each line was taken for an event");
  for (const std::string_view line : lines) {
    RETURN_IF_ERROR(ReadText("", line));
    if (done_) break;
  }
  return absl::OkStatus();
}

absl::Status AnswerParser::ReadLastEvent(const ServerEvent& event) {
  ServerEvent whole{.type = event.type, .data = {}};
  for (const std::string_view line : LinesOf(event.data)) {
    if (line == kTerminator || Parse(line).ok()) whole.data += fmt::format("{}\n", line);
  }
  if (Parse(event.data).ok()) whole.data = event.data;
  return ReadEvent(whole);
}

absl::Status AnswerParser::ReadText(const std::string& type, std::string_view text) {
  if (text == kTerminator) return ReadDone();
  absl::StatusOr<json::value> value = Parse(text);
  if (type == "error") {
    std::optional<ApiError> error = value.ok() ? FindApiError(*value) : std::nullopt;
    if (!error) error = ApiError{.type = "", .code = "", .message = std::string(text)};
    return StatusOfApiError(*error);
  }
  if (!value.ok()) return BadEvent(value.status(), text);
  if (!value->is_object()) return Malformed("sends JSON that is not an object", text);
  return ReadData(type, *value, text);
}

absl::Status AnswerParser::ReadEnd() {
  if (!IsWhole()) {
    return Unavailable("PROVIDER_CUT",
                       "closed the stream before it said that its answer is complete");
  }
  Note(
      "closed the stream without its last event; it had said why it stopped, so the answer was "
      "taken for whole");
  done_ = true;
  return absl::OkStatus();
}

absl::StatusOr<json::value> AnswerParser::Parse(std::string_view text) {
  absl::StatusOr<json::value> value = ParseJson(text);
  if (value.ok()) return value;
  std::string repaired;
  if (std::optional<std::string> utf8 = RepairUtf8(text)) {
    repaired = *std::move(utf8);
    text = repaired;
    value = ParseJson(text);
  }
  if (!value.ok()) {
    if (const std::optional<std::string> marked = MarkHalves(text)) value = ParseJson(*marked);
  }
  if (value.ok() && !repaired.empty()) {
    Note("sent bytes that are not UTF-8: U+FFFD stands in their place");
  }
  return value;
}

void AnswerParser::AddText(std::string text) {
  text = halves_.Join("text", std::move(text));
  if (text.empty()) return;
  pieces_.emplace_back().set_text(std::move(text));
}

void AnswerParser::AddReasoning(std::string text, std::string signature) {
  text = halves_.Join("reasoning", std::move(text));
  if (text.empty() && signature.empty()) return;
  v1::Reasoning* reasoning = pieces_.emplace_back().mutable_reasoning();
  reasoning->set_text(std::move(text));
  reasoning->set_signature(std::move(signature));
}

void AnswerParser::AddToolRequest(int index, std::string id, std::string name,
                                  std::string arguments) {
  arguments = halves_.Join(fmt::format("arguments {}", index), std::move(arguments));
  if (id.empty() && name.empty() && arguments.empty()) return;
  v1::ToolRequestPiece* request = pieces_.emplace_back().mutable_tool_request();
  request->set_index(index);
  request->set_id(std::move(id));
  request->set_name(std::move(name));
  request->set_arguments(std::move(arguments));
}

void AnswerParser::AddOther(std::string_view kind, const json::value& part) {
  pieces_.emplace_back().set_other(halves_.Join("other", WriteJson(part)));
  Note(fmt::format("sent \"{}\", which isn't known here: it was kept as its JSON",
                   kind.substr(0, 64)));
}

absl::Status AnswerParser::SetStopReason(const std::string& word, v1::StopReason reason) {
  metadata_.set_provider_stop_reason(word);
  metadata_.set_stop_reason(reason);
  if (!SaysBrokenOff(word)) return absl::OkStatus();
  metadata_.set_stop_reason(v1::STOP_REASON_OTHER);
  return Unavailable("PROVIDER_CUT",
                     fmt::format("says that its answer broke off: it stopped by \"{}\"", word));
}

void AnswerParser::Note(std::string note) {
  if (notes_.size() >= kMaxNotes) return;
  if (std::find(notes_.begin(), notes_.end(), note) != notes_.end()) return;
  notes_.push_back(std::move(note));
}

}  // namespace colophon
