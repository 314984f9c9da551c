#include "service/provider/raw_answer.h"

#include <algorithm>

#include "fmt/format.h"

namespace colophon {

void RawAnswerBuilder::SetHead(const HttpHead& head) {
  if (keep_.when == KeepRaw::When::kNever) return;
  head_ = fmt::format("HTTP {}\r\n", head.status);
  for (const auto& [name, value] : head.headers) {
    // A cookie is a secret of the provider's; the next call doesn't send it back.
    const bool is_cookie = name == "set-cookie" || name == "set-cookie2";
    head_ += fmt::format("{}: {}\r\n", name, is_cookie ? SecretFilter::kRemoved : value);
  }
  head_ += "\r\n";
}

void RawAnswerBuilder::AddBody(std::string_view bytes) {
  if (keep_.when == KeepRaw::When::kNever) return;
  body_bytes_ += bytes.size();
  const size_t half = keep_.max_body_bytes / 2;
  const size_t to_begin = std::min(bytes.size(), half - begin_.size());
  begin_ += bytes.substr(0, to_begin);
  bytes.remove_prefix(to_begin);
  if (bytes.size() > half) bytes.remove_prefix(bytes.size() - half);
  end_ += bytes;
  // Not with each piece: what is left is moved.
  if (end_.size() > half + half / 2) end_.erase(0, end_.size() - half);
}

bool RawAnswerBuilder::IsKept(bool failed) const {
  if (head_.empty()) return false;
  return failed || keep_.when == KeepRaw::When::kAlways;
}

// No form of a secret has a line end, a blank or a quote in it that the configuration's
// value doesn't have; of such a value each part is looked for, too.
std::string_view RawAnswerBuilder::SafeEnd() const {
  std::string_view end = end_;
  const size_t half = keep_.max_body_bytes / 2;
  if (begin_.size() + end.size() == body_bytes_ && end.size() <= half) return end;
  if (end.size() > half) end.remove_prefix(end.size() - half);
  const size_t break_at = end.find_first_of(" \t\r\n\",;");
  end.remove_prefix(std::min(break_at, end.size()));
  return end;
}

v1::RawAnswer RawAnswerBuilder::Build(const Scrubber& scrubber) const {
  int64_t removed_count = 0;  // They were counted when they were shown.
  const std::string_view end = SafeEnd();
  const size_t omitted = body_bytes_ - begin_.size() - end.size();
  v1::RawAnswer raw;
  if (omitted == 0) {
    raw.set_data(scrubber.ScrubBytes(head_ + begin_ + std::string(end), &removed_count));
    return raw;
  }
  std::string data = scrubber.ScrubBytes(head_ + begin_, &removed_count);
  raw.set_omitted_byte_count(static_cast<int64_t>(omitted));
  raw.set_omitted_offset(static_cast<int64_t>(data.size()));
  data += scrubber.ScrubBytes(end, &removed_count);
  raw.set_data(std::move(data));
  return raw;
}

}  // namespace colophon
