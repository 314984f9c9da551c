#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"
#include "service/base/status.h"
#include "service/completion/completer.h"
#include "service/rpc/log_line.h"
#include "service/rpc/message.h"

namespace colophon {

// What the RPCs of one server have in common.
//
// Thread-safe.
class RpcCounters {
 public:
  // From now on every new RPC is UNAVAILABLE STOPPING.
  void Stop() { stopping_ = true; }
  // After Stop: waits until the answer of every RPC is sent, at most so long.
  void AwaitEnds(absl::Duration timeout);
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  void CountBegin() { begun_.fetch_add(1, std::memory_order_relaxed); }
  void CountOpen() { ++open_; }
  void CountEnd();
  // Called with the connection of each call that its caller took back, which is no
  // passed deadline. To be set before the first RPC.
  void set_on_taken_back(std::function<void(const std::string& peer)> on_taken_back) {
    on_taken_back_ = std::move(on_taken_back);
  }
  void CountTakenBack(const std::string& peer) const {
    if (on_taken_back_) on_taken_back_(peer);
  }
  void CountError() { errors_.fetch_add(1, std::memory_order_relaxed); }
  int64_t begun() const { return begun_.load(std::memory_order_relaxed); }
  // Those that ended with anything but OK and CANCELLED.
  int64_t errors() const { return errors_.load(std::memory_order_relaxed); }

 private:
  std::function<void(const std::string& peer)> on_taken_back_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> begun_{0};
  std::atomic<int64_t> errors_{0};
  std::atomic<int64_t> open_{0};
  std::mutex mu_;
  std::condition_variable none_open_;
};

// One RPC from its arrival to its answer: the one place that says who calls,
// counts, takes the time and writes the log. Every method's Begin and End go
// through it (see adapter.h).
//
// Lives as long as the RPC; used by one thread at a time.
class Rpc {
 public:
  // `name`: "GetVersion", a literal.
  Rpc(RpcCounters* counters, const char* name, grpc::CallbackServerContext* context);
  ~Rpc() { counters_->CountEnd(); }
  Rpc(const Rpc&) = delete;
  Rpc& operator=(const Rpc&) = delete;

  // UNAVAILABLE STOPPING; INVALID_ARGUMENT BAD_CALLER when metadata
  // `colophon-caller` is not 1 to 128 printable ASCII characters; as CheckRequest.
  absl::Status Begin(const grpc::ByteBuffer& request, int64_t max_bytes,
                     std::string_view where = kMaxMessageBytesOf);

  // After Begin. The caller is what metadata says, else the peer's address. What is
  // left of its time is not looked at, which most methods don't need. The address is
  // looked up at the first call.
  const CallContext& call();
  CallContext call_with_time_left();

  // Why work that has not begun would be in vain: nobody waits for it any more,
  // or the server stops. Else OK.
  absl::Status IsInVain() const;

  // To be called when the caller goes away: tells the work that runs.
  void StopWork() { stop_.Stop(); }

  // gRPC said that the caller went away.
  void NoteCancel() const;

  // Ends it as if the caller had: for one that takes nothing, not even an error.
  void Abandon() { context_->TryCancel(); }

  // Tells the caller and the log which record the call has made: metadata
  // `colophon-record`, first unless an answer was begun, and last. Once, before End.
  void NoteRecord(const std::string& record);

  // What the log says beside code and time: record=… version=…
  LogLine& details() { return details_; }

  // Once, just before the answer is sent.
  grpc::Status End(const absl::Status& status);

 private:
  // How much longer the caller waits; infinite without a deadline.
  absl::Duration TimeLeft() const;
  void Log(const absl::Status& status);

  RpcCounters* const counters_;
  const char* const name_;
  grpc::CallbackServerContext* const context_;
  const std::chrono::steady_clock::time_point start_;
  StopFlag stop_;
  CallContext call_;
  LogLine details_;
  bool has_record_ = false;
};

}  // namespace colophon
