#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "service/api/served_call.h"
#include "service/base/task.h"
#include "service/http/dialect.h"

namespace colophon {

// The other end of a connection.
struct Peer {
  std::string address;           // "127.0.0.1"
  std::string certificate_name;  // See Credentials.
};

// What of an HTTP request a call is made of, beside its message.
struct InboundCallOptions {
  size_t request_bytes = 0;
  Credentials credentials;
  std::optional<std::string> caller;
  std::string traceparent;
  std::string address;  // "127.0.0.1"
  absl::Duration timeout = absl::InfiniteDuration();
};

// One call that came by HTTP. The method tells it messages and its end from any thread;
// the connection takes them, one at a time, on its Loop.
//
// Thread-safe.
class InboundCall final : public ServedCall {
 public:
  // What the method said.
  struct Event {
    Answer message;
    bool has_message = false;
    bool is_end = false;
    absl::Status status;                // Of the end.
    std::function<void(bool)> written;  // To be called when the message has gone out.
  };

  InboundCall(const Method* method, CallCounters* counters, std::unique_ptr<Dialect> dialect,
              InboundCallOptions options);

  // For the connection, after the method has begun to answer.
  Dialect& dialect() { return *dialect_; }

  // Waits for what comes next. After the end nothing comes. On the Loop.
  Task<Event> Next();

  // The record that the call has made; empty when there is none yet.
  std::string record() const;

  // The caller went away, or its time is over: the method ends soon.
  void Leave() {
    gone_ = true;
    OnGone();
  }
  // What an end means to the caller: what was cancelled because its time was over is
  // DEADLINE_EXCEEDED CALL_TIMEOUT.
  absl::Status StatusOfEnd(const Event& event) const;

  absl::Status ParseRequest() override;
  void Write(Answer message, std::function<void(bool)> written) override;

 private:
  absl::StatusOr<Arrival> Arrive() override;
  std::string_view Door() const override { return "http"; }
  std::string Address() const override { return options_.address; }
  absl::Duration TimeLeft() const override;
  bool IsGone() const override { return gone_.load(std::memory_order_relaxed); }
  void SendRecord(const std::string& record) override;
  void Send(Answer answer) override;
  void Send(const absl::Status& status) override;
  void Put(Event event);

  const std::unique_ptr<Dialect> dialect_;
  InboundCallOptions options_;
  const std::chrono::steady_clock::time_point deadline_;
  std::atomic<bool> gone_{false};

  mutable std::mutex mu_;
  // Guarded by mu_.
  std::string record_;
  std::deque<Event> events_;
  std::function<void(bool)> wake_;
};

}  // namespace colophon
