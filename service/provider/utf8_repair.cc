#include "service/provider/utf8_repair.h"

#include <cstdint>

#include "service/base/json.h"

namespace colophon {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// The Unicode standard, table 3-7: how many bytes a first byte announces, and between
// what the second one lies.
struct Form {
  size_t size = 0;  // 0: no first byte.
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
};

Form FormOf(uint8_t first) {
  if (first < 0x80) return {.size = 1};
  if (first >= 0xc2 && first <= 0xdf) return {.size = 2};
  if (first == 0xe0) return {.size = 3, .low = 0xa0};
  if (first == 0xed) return {.size = 3, .high = 0x9f};
  if (first >= 0xe1 && first <= 0xef) return {.size = 3};
  if (first == 0xf0) return {.size = 4, .low = 0x90};
  if (first >= 0xf1 && first <= 0xf3) return {.size = 4};
  if (first == 0xf4) return {.size = 4, .high = 0x8f};
  return {};
}

}  // namespace

std::optional<std::string> RepairUtf8(std::string_view text) {
  if (IsUtf8(text)) return std::nullopt;
  std::string out;
  while (!text.empty()) {
    const Form form = FormOf(static_cast<uint8_t>(text.front()));
    size_t size = 1;  // Of the bytes that belong together.
    while (size < form.size && size < text.size()) {
      const auto byte = static_cast<uint8_t>(text[size]);
      const bool fits = size == 1 ? byte >= form.low && byte <= form.high : (byte & 0xc0) == 0x80;
      if (!fits) break;
      ++size;
    }
    out += size == form.size ? text.substr(0, size) : kReplacement;
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace colophon
