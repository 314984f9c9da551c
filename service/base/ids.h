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
// made one after the other for the same millisecond (method 1), 62 random bits.
//
// An id says the time it was made for, whatever ids were made before: when the
// wall's clock was wrong and is set right, ids go back with it. They are unique
// by their random bits, not by their order.
//
// Thread-safe.
class IdGenerator {
 public:
  explicit IdGenerator(Clock* clock);

  // "0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37", for something that begins at this moment.
  std::string NewId();
  // For something that began at `time`, from 1970 to 10889.
  std::string NewIdAt(absl::Time time);

 private:
  Clock* const clock_;
  std::mutex mu_;
  // Guarded by mu_.
  std::mt19937_64 random_;
  int64_t last_milliseconds_ = -1;
  uint32_t counter_ = 0;
};

// The 16 bytes of a UUID in its canonical lower-case form; nullopt for
// anything else. Bytes of UUIDv7 sort by time.
std::optional<std::string> UuidToBytes(std::string_view uuid);
std::string UuidFromBytes(std::string_view bytes);

// The 6 bytes that begin every UUIDv7 of this millisecond; of the nearest one that
// has such, for a time that none has.
std::string UuidTimePrefix(absl::Time time);

}  // namespace colophon
