#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace colophon {

enum class ReadResult {
  kMessage,  // There is one.
  kTimeout,  // Not yet; the next Read goes on waiting for it.
  kEnd,      // There are no more: Finish says why.
};

// The messages of a streaming call, one after the other. The server is read
// from only as fast as Read is called.
//
// One thread reads and finishes; Cancel may be called from any thread while
// the Stream lives.
template <class Message>
class Stream {
 public:
  // How the messages come; the client's own.
  class Source {
   public:
    virtual ~Source() = default;
    virtual ReadResult Read(Message* message, absl::Duration timeout) = 0;
    virtual absl::Status Finish() = 0;
    virtual void Cancel() = 0;
  };

  explicit Stream(std::unique_ptr<Source> source) : source_(std::move(source)) {}
  // Cancels what is still running.
  ~Stream() = default;
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;

  // Waits for the next message; false when there are no more.
  bool Read(Message* message) {
    return source_->Read(message, absl::InfiniteDuration()) == ReadResult::kMessage;
  }
  // The same, at most so long.
  ReadResult Read(Message* message, absl::Duration timeout) {
    return source_->Read(message, timeout);
  }
  // How the call ended. Before the end it cancels the call. May be repeated.
  absl::Status Finish() { return source_->Finish(); }
  // The reader sees the end soon after, and Finish says CANCELLED.
  void Cancel() { source_->Cancel(); }

 private:
  std::unique_ptr<Source> source_;
};

}  // namespace colophon
