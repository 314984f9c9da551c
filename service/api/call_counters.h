#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace colophon {

class Metrics;

// The calls of one server, whichever doors they come by.
//
// Thread-safe.
class CallCounters {
 public:
  // `metrics` null: they aren't kept.
  explicit CallCounters(Metrics* metrics = nullptr) : metrics_(metrics) {}

  // From now on every new call is UNAVAILABLE STOPPING.
  void Stop() { stopping_ = true; }
  // After Stop: waits until every call is answered, at most so long.
  void AwaitEnds(absl::Duration timeout);
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  void CountOpen() { ++open_; }
  void CountBegin() { begun_.fetch_add(1, std::memory_order_relaxed); }
  // One has ended so; see Metrics::CountCall.
  void CountEnd(std::string_view door, std::string_view method, absl::StatusCode code,
                absl::Duration took);
  void CountClosed();

  int64_t begun() const { return begun_.load(std::memory_order_relaxed); }
  // Those that ended with anything but OK and CANCELLED.
  int64_t errors() const { return errors_.load(std::memory_order_relaxed); }

 private:
  Metrics* const metrics_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> begun_{0};
  std::atomic<int64_t> errors_{0};
  std::atomic<int64_t> open_{0};
  std::mutex mu_;
  std::condition_variable none_open_;
};

}  // namespace colophon
