#pragma once

#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "service/base/clock.h"

namespace colophon {

// Makes UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter for ids
// of the same millisecond (method 1, so ids of one process only grow), 62
// random bits.
//
// Thread-safe.
class IdGenerator {
 public:
  explicit IdGenerator(Clock* clock);

  // "0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37"
  std::string NewId();
  // For something that began at another time: its milliseconds, and random
  // bits in place of the counter.
  std::string NewIdAt(absl::Time time);

 private:
  std::string Format(int64_t milliseconds, uint32_t counter);  // REQUIRES: mu_ is held.

  Clock* const clock_;
  std::mutex mu_;
  // Guarded by mu_.
  std::mt19937_64 random_;
  int64_t last_milliseconds_ = 0;
  uint32_t counter_ = 0;
};

// The 16 bytes of a UUID in its canonical lower-case form; nullopt for
// anything else. Bytes of UUIDv7 sort by time.
std::optional<std::string> UuidToBytes(std::string_view uuid);
std::string UuidFromBytes(std::string_view bytes);

// The 6 bytes that begin every UUIDv7 of this millisecond.
std::string UuidTimePrefix(absl::Time time);

}  // namespace colophon
