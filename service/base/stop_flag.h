#pragma once

#include <atomic>

namespace colophon {

// Tells work that is under way that nobody waits for it any more: its caller
// went away, its deadline passed or the server stops. Work that may take more
// than a millisecond looks at it while it runs, and ends with what it is told
// to end with by whoever stopped it; what it has made by then is thrown away.
//
// Thread-safe.
class StopFlag {
 public:
  void Stop() { stopped_.store(true, std::memory_order_relaxed); }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> stopped_{false};
};

}  // namespace colophon
