#include "service/base/ids.h"

#include <algorithm>
#include <cassert>

#include "service/base/hash.h"

namespace colophon {
namespace {

constexpr size_t kDashes[] = {8, 13, 18, 23};

std::mt19937_64 SeededRandom() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(),
                     device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

int64_t MillisecondsOf(absl::Time time) {
  constexpr int64_t kMax = (int64_t{1} << 48) - 1;
  return std::clamp<int64_t>(absl::ToUnixMillis(time), 0, kMax);
}

std::string TimeBytes(int64_t milliseconds) {
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8) bytes += static_cast<char>(milliseconds >> shift);
  return bytes;
}

}  // namespace

IdGenerator::IdGenerator(Clock* clock) : clock_(clock), random_(SeededRandom()) {}

std::string IdGenerator::NewId() { return NewIdAt(clock_->Now()); }

std::string IdGenerator::NewIdAt(absl::Time time) {
  const int64_t milliseconds = MillisecondsOf(time);
  std::lock_guard lock(mu_);
  // After 4,096 in one millisecond the counter begins again: unique still, and in
  // no order.
  counter_ = milliseconds == last_milliseconds_
                 ? (counter_ + 1) & 0xfff
                 : static_cast<uint32_t>(random_() & 0x7ff);  // Room to count up.
  last_milliseconds_ = milliseconds;
  std::string bytes = TimeBytes(milliseconds);
  bytes += static_cast<char>(0x70 | counter_ >> 8);
  bytes += static_cast<char>(counter_);
  uint64_t tail = random_();
  for (int i = 0; i < 8; ++i, tail >>= 8) bytes += static_cast<char>(tail);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  return UuidFromBytes(bytes);
}

std::optional<std::string> UuidToBytes(std::string_view uuid) {
  if (uuid.size() != 36) return std::nullopt;
  std::string hex(uuid);
  for (int i = 3; i >= 0; --i) {
    if (hex[kDashes[i]] != '-') return std::nullopt;
    hex.erase(kDashes[i], 1);
  }
  return HexDecode(hex);
}

std::string UuidFromBytes(std::string_view bytes) {
  assert(bytes.size() == 16);
  std::string uuid = HexEncode(bytes);
  for (const size_t dash : kDashes) uuid.insert(dash, 1, '-');
  return uuid;
}

std::string UuidTimePrefix(absl::Time time) { return TimeBytes(MillisecondsOf(time)); }

}  // namespace colophon
