#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "colophon/v1/record.pb.h"
#include "service/provider/http_call.h"
#include "service/provider/scrubber.h"

namespace colophon {

// Of which calls the bytes that the provider sent are kept, and how many.
struct KeepRaw {
  enum class When { kFailed, kAlways, kNever };
  static constexpr size_t kDefaultBytes = 16 << 10;
  static constexpr size_t kMinBytes = 1 << 10;
  static constexpr size_t kMaxBytes = 1 << 20;

  When when = When::kFailed;
  size_t max_body_bytes = kDefaultBytes;
};

// Takes what a provider sends as it comes, and keeps its beginning and its end: where a
// failed answer tells what it is, and where it went wrong.
//
// Thread-compatible.
class RawAnswerBuilder {
 public:
  explicit RawAnswerBuilder(const KeepRaw& keep) : keep_(keep) {}

  void SetHead(const HttpHead& head);
  void AddBody(std::string_view bytes);

  // True when there is something to keep of a call that ended so.
  bool IsKept(bool failed) const;
  // About how many bytes Build looks at.
  size_t size() const { return head_.size() + begin_.size() + end_.size(); }
  // Without secrets, and without its digest and size.
  v1::RawAnswer Build(const Scrubber& scrubber) const;

 private:
  // What of end_ is kept, and so that it doesn't begin inside of a secret.
  std::string_view SafeEnd() const;

  const KeepRaw keep_;
  std::string head_;   // "HTTP 429\r\n…\r\n"
  std::string begin_;  // Of the body; at most half of what is kept.
  std::string end_;    // What came after it, or the last of that.
  size_t body_bytes_ = 0;
};

}  // namespace colophon
