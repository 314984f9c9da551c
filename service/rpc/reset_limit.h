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
  // `disconnect` is called with the connection, as gRPC names the peer.
  ResetLimit(int per_second, std::function<void(const std::string& peer)> disconnect);

  // A call of this connection was taken back.
  void Count(const std::string& peer);

 private:
  // Constant after construction.
  const int per_second_;
  const std::function<void(const std::string& peer)> disconnect_;

  std::mutex mu_;
  // Guarded by mu_. What was counted in the second that began at `start_`.
  std::chrono::steady_clock::time_point start_;
  std::unordered_map<std::string, int> counts_;
};

}  // namespace colophon
