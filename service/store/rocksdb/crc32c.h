#pragma once

#include <cstdint>
#include <string_view>

namespace colophon {

// CRC-32C (Castagnoli, RFC 3720) of what `crc` is the sum of, followed by
// `bytes`. Begin with 0.
uint32_t Crc32c(uint32_t crc, std::string_view bytes);

}  // namespace colophon
