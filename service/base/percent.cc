#include "service/base/percent.h"

#include <charconv>
#include <optional>

namespace colophon {
namespace {

// The byte that is escaped at the beginning of a text; nullopt when none is.
std::optional<char> TakeEscape(std::string_view text) {
  constexpr size_t kSize = 3;
  unsigned byte = 0;
  if (text.size() < kSize || text[0] != '%') return std::nullopt;
  const char* const end = text.data() + kSize;
  if (std::from_chars(text.data() + 1, end, byte, 16).ptr != end) return std::nullopt;
  return static_cast<char>(byte);
}

}  // namespace

bool IsPercentEncoded(std::string_view text) {
  for (size_t i = text.find('%'); i != text.npos; i = text.find('%', i + 1)) {
    if (!TakeEscape(text.substr(i))) return false;
  }
  return true;
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const std::optional<char> byte = TakeEscape(text.substr(i));
    decoded += byte.value_or(text[i]);
    if (byte) i += 2;
  }
  return decoded;
}

}  // namespace colophon
