#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace colophon {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(std::string_view bytes);
// 64 lower-case hex digits.
std::string Sha256Hex(std::string_view bytes);

std::string HexEncode(std::string_view bytes);
// Lower-case digits only; nullopt for anything else or an odd length.
std::optional<std::string> HexDecode(std::string_view hex);

// A well-mixed 64-bit hash that never changes, for picking a weighted target
// by subject: the first 8 bytes of the SHA-256, big-endian.
uint64_t StableHash(std::string_view bytes);

}  // namespace colophon
