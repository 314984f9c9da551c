#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/arena.h"
#include "google/protobuf/message.h"
#include "service/api/answer.h"
#include "service/api/call_counters.h"
#include "service/base/call.h"
#include "service/base/log_line.h"
#include "service/base/status.h"

namespace colophon {

struct Method;

// INVALID_ARGUMENT BAD_CALLER when it is not 1 to 128 printable ASCII characters.
absl::Status CheckCaller(std::string_view caller);
// The same of the name in a certificate.
absl::Status CheckCertificateName(std::string_view name);

// One call of a method that is being served, from its arrival to its answer: the one
// place that says who calls, counts, takes the time and writes the log. A door
// (service/rpc) derives from it what is its own: how the caller is read, how bytes come
// and go. Methods see nothing of the door.
//
// Shared by the door, which holds it until its answer is sent, and by whatever works on
// it. Used by one thread at a time, but for what says otherwise.
class ServedCall : public std::enable_shared_from_this<ServedCall> {
 public:
  ServedCall(const Method* method, CallCounters* counters);
  virtual ~ServedCall();
  ServedCall(const ServedCall&) = delete;
  ServedCall& operator=(const ServedCall&) = delete;

  const Method& method() const { return method_; }

  // What the method takes; empty until ParseRequest.
  google::protobuf::Message* request() { return request_; }

  // Counts it and reads who calls. UNAVAILABLE STOPPING; INVALID_ARGUMENT BAD_CALLER
  // when the caller is not 1 to 128 printable ASCII characters; what the door refuses.
  absl::Status Begin();
  // By the door: the message that came.
  virtual absl::Status ParseRequest() = 0;

  // After Begin. The caller is the name in its certificate, else what it says of itself, else
  // its address, which is looked up at the first call. What is left of its time is not looked at,
  // which most methods don't need.
  const Call& call();
  Call call_with_time_left();

  size_t request_bytes() const { return call_.request_bytes; }

  // Why work that has not begun would be in vain: nobody waits for it any more, or the
  // server stops. Else OK.
  absl::Status IsInVain() const;

  // Called when the caller goes away before the answer, at once when it has. From any
  // thread.
  void set_on_gone(std::function<void()> on_gone);

  // Tells the caller and the log which record the call has made. Once, before the first
  // Write and the end.
  void NoteRecord(const std::string& record);

  // What the log says beside code and time: version=… sequence=…
  LogLine& details() { return details_; }

  // Of a stream: calls `written` once, from any thread: true when the caller has taken
  // the message, false when it is gone. The next Write comes after that.
  virtual void Write(Answer message, std::function<void(bool)> written) = 0;

  // The end, once; another is ignored. From any thread. The answer of a stream is its
  // last message.
  void End(Answer answer);
  void End(const absl::Status& status);

 protected:
  // What the door knows of a call before its message is parsed.
  struct Arrival {
    std::optional<std::string> caller;  // As it says.
    std::string certificate_name;       // See Call.
    std::string traceparent;
    size_t request_bytes = 0;
  };

  // By the door: the caller went away. From any thread.
  void OnGone();
  bool has_ended() const { return ended_.load(std::memory_order_acquire); }

 private:
  virtual absl::StatusOr<Arrival> Arrive() = 0;
  // "127.0.0.1"
  virtual std::string Address() const = 0;
  // How much longer the caller waits; infinite without a deadline.
  virtual absl::Duration TimeLeft() const = 0;
  virtual bool IsGone() const = 0;
  virtual void SendRecord(const std::string& record) = 0;
  // Sends the end. A message that can't be sent is the door's to say so: by EndWith.
  virtual void Send(Answer answer) = 0;
  virtual void Send(const absl::Status& status) = 0;

 protected:
  // Just before what ends it goes out: counts and logs.
  void Close(const absl::Status& status);

 private:
  void Log(const absl::Status& status);

  const Method& method_;
  CallCounters* const counters_;
  const std::chrono::steady_clock::time_point start_;
  // A small request is all in here.
  alignas(8) char arena_block_[512];
  google::protobuf::Arena arena_;
  google::protobuf::Message* const request_;
  StopFlag stop_;
  Call call_;
  LogLine details_;
  bool has_record_ = false;
  std::atomic<bool> ended_{false};

  std::mutex mu_;
  // Guarded by mu_.
  bool gone_ = false;
  std::function<void()> on_gone_;
};

}  // namespace colophon
