#include "service/template/syntax/pointer.h"

namespace colophon::syntax {
namespace {

constexpr size_t kMaxPointer = 1024;

}  // namespace

std::string EscapePointer(std::string_view key) {
  std::string out;
  out.reserve(key.size());
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string ChildPointer(const std::string& pointer, std::string_view key) {
  if (pointer.size() + key.size() > kMaxPointer) return pointer;
  return pointer + "/" + EscapePointer(key);
}

}  // namespace colophon::syntax
