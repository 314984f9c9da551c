#pragma once

#include <functional>

#include "colophon/v1/completion.pb.h"

namespace colophon {

// Where the messages of a stream go: the start, then the pieces.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  // Calls `written` once, from any thread: true when the caller has taken the
  // message, false when it is gone. The next Write comes after that.
  virtual void Write(v1::StreamCompleteResponse message, std::function<void(bool)> written) = 0;
};

// A call that runs. Thread-safe.
class OpenCall {
 public:
  virtual ~OpenCall() = default;
  // The caller went away. The outcome is recorded all the same, then `done` is
  // called with CANCELLED.
  virtual void Cancel() = 0;
};

}  // namespace colophon
