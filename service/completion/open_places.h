#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "service/base/status.h"

namespace colophon {

// How many calls run at once: so many of all, and half of them of one caller.
//
// Thread-safe.
class OpenPlaces {
 public:
  explicit OpenPlaces(int limit) : limit_(limit) {}

  // RESOURCE_EXHAUSTED BUSY or CALLER_BUSY, with RetryInfo, when there is none.
  absl::Status Take(const std::string& caller);
  // REQUIRES: it was taken.
  void GiveBack(const std::string& caller);
  int taken() const;

 private:
  const int limit_;
  mutable std::mutex mu_;
  // Guarded by mu_.
  int taken_ = 0;
  std::unordered_map<std::string, int> of_caller_;  // Never 0.
};

}  // namespace colophon
