#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"

namespace colophon {

// One event of a text/event-stream.
struct ServerEvent {
  std::string type;  // Empty: "message".
  std::string data;
};

// Reads server-sent events from bytes as they come, by the WHATWG HTML
// standard: CR, LF or CRLF end a line, a byte order mark is skipped, comments,
// `id` and `retry` are ignored. Pure; however the bytes are split, the events
// are the same. An event that the end of the bytes leaves open is given by End only.
class EventStream {
 public:
  explicit EventStream(size_t max_event_bytes = 16 << 20) : max_event_bytes_(max_event_bytes) {}

  // Appends the events that are whole now. RESOURCE_EXHAUSTED
  // PROVIDER_TOO_LARGE when one grows over the limit; nothing more is read then.
  absl::Status Feed(std::string_view bytes, std::vector<ServerEvent>* events);

  // The bytes have ended: what was left open, an event to the standard only if it is
  // known to be whole.
  std::optional<ServerEvent> End();

  bool has_events() const { return has_events_; }

  // What looks like a JSON object and stands outside any event: some servers
  // put an error behind their events without a `data:`. Empty: none.
  const std::string& stray() const { return line_.starts_with('{') ? line_ : stray_; }

 private:
  void EndLine(std::vector<ServerEvent>* events);
  void Field(std::string_view name, std::string_view value);
  bool SkipMark(std::string_view* bytes);

  const size_t max_event_bytes_;
  size_t mark_bytes_ = 0;  // Of the byte order mark, seen so far.
  bool at_start_ = true;
  bool skip_line_feed_ = false;
  std::string line_;
  std::string type_;
  std::string data_;
  bool has_data_ = false;
  bool has_events_ = false;
  std::string stray_;
  absl::Status failure_;
};

}  // namespace colophon
