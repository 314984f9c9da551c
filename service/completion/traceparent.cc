#include "service/completion/traceparent.h"

namespace colophon {
namespace {

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}
bool IsZero(std::string_view text) { return text.find_first_not_of('0') == text.npos; }

}  // namespace

std::string CheckTraceparent(std::string_view header) {
  constexpr size_t kLength = 55;
  constexpr size_t kMaxLength = 512;  // A later version may add fields.
  if (header.size() < kLength || header.size() > kMaxLength) return "";
  if (header[2] != '-' || header[35] != '-' || header[52] != '-') return "";
  const std::string_view version = header.substr(0, 2);
  const std::string_view trace_id = header.substr(3, 32);
  const std::string_view parent_id = header.substr(36, 16);
  if (!IsHex(version) || !IsHex(trace_id) || !IsHex(parent_id) || !IsHex(header.substr(53, 2))) {
    return "";
  }
  if (version == "ff" || IsZero(trace_id) || IsZero(parent_id)) return "";
  if (header.size() > kLength && (version == "00" || header[kLength] != '-')) return "";
  for (const char c : header) {
    if (c < 0x20 || c > 0x7e) return "";
  }
  return std::string(header);
}

}  // namespace colophon
