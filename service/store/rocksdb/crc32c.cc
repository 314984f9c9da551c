#include "service/store/rocksdb/crc32c.h"

#include <array>
#include <cstring>

namespace colophon {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // Reflected.

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = MakeTable();

uint32_t ExtendPortable(uint32_t crc, std::string_view bytes) {
  for (const unsigned char byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ byte) & 0xff];
  return crc;
}

#if defined(__x86_64__)

// The processor's own instruction: every write and read of a row pays this.
__attribute__((target("sse4.2"))) uint32_t ExtendBySse(uint32_t crc, std::string_view bytes) {
  uint64_t wide = crc;
  while (bytes.size() >= sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof(word));
    wide = __builtin_ia32_crc32di(wide, word);
    bytes.remove_prefix(sizeof(word));
  }
  uint32_t narrow = static_cast<uint32_t>(wide);
  for (const unsigned char byte : bytes) narrow = __builtin_ia32_crc32qi(narrow, byte);
  return narrow;
}

uint32_t Extend(uint32_t crc, std::string_view bytes) {
  static const bool has_sse = __builtin_cpu_supports("sse4.2");
  return has_sse ? ExtendBySse(crc, bytes) : ExtendPortable(crc, bytes);
}

#else

uint32_t Extend(uint32_t crc, std::string_view bytes) { return ExtendPortable(crc, bytes); }

#endif

}  // namespace

uint32_t Crc32c(uint32_t crc, std::string_view bytes) { return ~Extend(~crc, bytes); }

}  // namespace colophon
