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

}  // namespace

IdGenerator::IdGenerator(Clock* clock) : clock_(clock), random_(SeededRandom()) {}

std::string IdGenerator::NewId() {
  std::lock_guard lock(mu_);
  const int64_t now = absl::ToUnixMillis(clock_->Now());
  if (now > last_milliseconds_) {
    last_milliseconds_ = now;
    counter_ = static_cast<uint32_t>(random_() & 0x7ff);  // Room to count up.
  } else if (++counter_ > 0xfff) {
    ++last_milliseconds_;  // Ahead of the clock rather than not growing.
    counter_ = 0;
  }
  return Format(last_milliseconds_, counter_);
}

std::string IdGenerator::NewIdAt(absl::Time time) {
  std::lock_guard lock(mu_);
  return Format(std::max<int64_t>(0, absl::ToUnixMillis(time)),
                static_cast<uint32_t>(random_() & 0xfff));
}

std::string IdGenerator::Format(int64_t milliseconds, uint32_t counter) {
  std::string bytes(16, '\0');
  for (int i = 0; i < 6; ++i) {
    bytes[i] = static_cast<char>(milliseconds >> (40 - 8 * i));
  }
  bytes[6] = static_cast<char>(0x70 | counter >> 8);
  bytes[7] = static_cast<char>(counter);
  uint64_t tail = random_();
  for (int i = 8; i < 16; ++i, tail >>= 8) bytes[i] = static_cast<char>(tail);
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

std::string UuidTimePrefix(absl::Time time) {
  const int64_t milliseconds = std::max<int64_t>(0, absl::ToUnixMillis(time));
  std::string bytes(6, '\0');
  for (int i = 0; i < 6; ++i) {
    bytes[i] = static_cast<char>(milliseconds >> (40 - 8 * i));
  }
  return bytes;
}

}  // namespace colophon
