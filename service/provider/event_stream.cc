#include "service/provider/event_stream.h"

#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

absl::Status EventStream::Feed(std::string_view bytes, std::vector<ServerEvent>* events) {
  RETURN_IF_ERROR(failure_);
  if (at_start_ && !SkipMark(&bytes)) return absl::OkStatus();
  while (!bytes.empty()) {
    if (std::exchange(skip_line_feed_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const size_t end = bytes.find_first_of("\r\n");
    line_ += bytes.substr(0, end);
    if (line_.size() + data_.size() > max_event_bytes_) {
      failure_ = ResourceExhausted(
          "PROVIDER_TOO_LARGE", fmt::format("sends an event of over {} bytes", max_event_bytes_));
      return failure_;
    }
    if (end == bytes.npos) break;
    skip_line_feed_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    EndLine(events);
  }
  return absl::OkStatus();
}

// False while it is open whether the stream begins with a mark.
bool EventStream::SkipMark(std::string_view* bytes) {
  while (!bytes->empty() && mark_bytes_ < kByteOrderMark.size()) {
    if (bytes->front() != kByteOrderMark[mark_bytes_]) {
      line_ = kByteOrderMark.substr(0, mark_bytes_);
      at_start_ = false;
      return true;
    }
    ++mark_bytes_;
    bytes->remove_prefix(1);
  }
  at_start_ = mark_bytes_ < kByteOrderMark.size();
  return !at_start_;
}

void EventStream::EndLine(std::vector<ServerEvent>* events) {
  if (line_.empty()) {
    if (has_data_) events->push_back({std::move(type_), std::move(data_)});
    has_events_ = has_events_ || has_data_;
    has_data_ = false;
    type_.clear();
    data_.clear();
    return;
  }
  const std::string line = std::exchange(line_, {});
  const std::string_view view = line;
  const size_t colon = view.find(':');
  if (colon == 0) return;  // A comment.
  if (view.front() == '{') {
    stray_ = line;
    return;
  }
  std::string_view value = colon == view.npos ? "" : view.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  Field(view.substr(0, colon), value);
}

std::optional<ServerEvent> EventStream::End() {
  if (!failure_.ok()) return std::nullopt;
  std::vector<ServerEvent> events;
  if (!line_.empty() && !line_.starts_with('{')) EndLine(&events);
  if (!has_data_) return std::nullopt;
  has_events_ = true;
  has_data_ = false;
  return ServerEvent{std::move(type_), std::move(data_)};
}

void EventStream::Field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (name == "event") {
    type_ = value;
  }
}

}  // namespace colophon
