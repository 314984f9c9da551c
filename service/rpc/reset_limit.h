#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace colophon {

// A connection that opens calls and takes them back, thousands a second, leaves the
// server their making and unmaking and holds none of what limits an honest one
// ("rapid reset"). Who takes back too many is disconnected.
//
// Thread-safe.
class ResetLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // A connection may take back `burst` calls at once, and `per_second` for ever: a
  // server that is short of time sees a flood as a long one. `disconnect` is called
  // with the connection, as gRPC names the peer.
  ResetLimit(int burst, int per_second, std::function<void(const std::string& peer)> disconnect);

  // A call of this connection was taken back.
  void Count(const std::string& peer, Clock::time_point now = Clock::now());

 private:
  // What a connection may take back now, as of `at`; it is forgotten when that is
  // `burst` again.
  struct Allowance {
    double calls = 0;
    Clock::time_point at;
  };

  // REQUIRES that mu_ is held.
  double CallsOf(const Allowance& allowance, Clock::time_point now) const;

  // Constant after construction.
  const int burst_;
  const int per_second_;
  const std::function<void(const std::string& peer)> disconnect_;

  std::mutex mu_;
  // Guarded by mu_.
  std::unordered_map<std::string, Allowance> allowances_;
  Clock::time_point forgot_at_;
};

}  // namespace colophon
