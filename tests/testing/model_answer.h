#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// Holds answers back until it is opened, once and for all. Shared by any
// number of answers; outlives none of them.
//
// Thread-safe.
class ModelGate {
 public:
  void Open();
  bool is_open() const;

 private:
  friend class ModelServer;
  // Calls `opened` from Open's thread, or at once.
  void OnOpen(std::function<void()> opened);

  mutable std::mutex mu_;
  // Guarded by mu_.
  bool open_ = false;
  std::vector<std::function<void()>> waiting_;
};

// What the server does on a request, byte by byte. When the steps are done the
// connection waits for its next request.
class ModelAnswer {
 public:
  // One write each, so mostly one segment each.
  ModelAnswer& Send(std::string bytes);
  ModelAnswer& SendInPieces(std::string_view bytes, size_t piece_bytes);
  // The same bytes again and again: as good as endless by default.
  ModelAnswer& Repeat(std::string bytes, int64_t times = INT64_MAX);
  ModelAnswer& WaitFor(std::shared_ptr<ModelGate> gate);
  // By the clock: for what a server says too late.
  ModelAnswer& WaitFor(std::chrono::milliseconds time);
  // Until the client's next bytes are there; they stay unread.
  ModelAnswer& WaitForBytes();
  // Never goes on; ends when the client closes the connection.
  ModelAnswer& Hang();
  // Closes the connection. Over TLS without the goodbye that TLS wants.
  ModelAnswer& Close();
  // Closes it with a reset (RST).
  ModelAnswer& Reset();

  enum class Break { kClose, kReset, kHang };
  // The same up to `bytes` bytes sent, then it breaks off.
  ModelAnswer CutAfter(size_t bytes, Break how) const;
  // All bytes of its Sends.
  size_t byte_count() const;

 private:
  friend class ModelServer;
  struct Step {
    enum class Kind { kSend, kWait, kPause, kWaitForBytes, kHang, kClose, kReset } kind;
    std::string bytes;
    int64_t times = 1;
    std::shared_ptr<ModelGate> gate;
    std::chrono::milliseconds time{0};
  };
  std::vector<Step> steps_;
};

}  // namespace colophon
