#include "service/provider/scrubber.h"

#include <algorithm>
#include <utility>

#include "service/base/json.h"

namespace colophon {
namespace {

constexpr std::string_view kRemoved = "[key]";
// A run of so many characters of a key is taken for a part of it. Providers
// echo keys shortened: "sk-proj-abcd***********wxyz".
constexpr size_t kShortestPart = 8;

bool IsTokenCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '*' || c == '.';
}

// The bytes of `secret` that stand at the beginning of `text`, if enough.
size_t SecretAt(std::string_view text, std::string_view secret) {
  const size_t shortest = std::min(kShortestPart, secret.size());
  if (shortest == 0 || text.size() < shortest) return 0;
  size_t longest = 0;
  for (size_t at = secret.find(text.substr(0, shortest)); at != secret.npos;
       at = secret.find(text.substr(0, shortest), at + 1)) {
    const std::string_view rest = secret.substr(at);
    const auto end = std::mismatch(text.begin(), text.end(), rest.begin(), rest.end()).first;
    longest = std::max(longest, static_cast<size_t>(end - text.begin()));
  }
  return longest;
}

// The bytes of a token like "sk-…" at the beginning of `text`.
size_t TokenAt(std::string_view text) {
  constexpr std::string_view kPrefix = "sk-";
  if (!text.starts_with(kPrefix)) return 0;
  const auto end = std::find_if_not(text.begin(), text.end(), IsTokenCharacter);
  const size_t length = end - text.begin();
  return length >= kPrefix.size() + 6 ? length : 0;
}

// Valid UTF-8 on one line.
std::string Readable(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = text[i];
    const size_t length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    const std::string_view character = text.substr(i, length);
    if (c < 0x20 || c == 0x7f) {
      out += ' ';
      ++i;
    } else if (IsUtf8(character)) {
      out += character;
      i += length;
    } else {
      out += '?';
      ++i;
    }
  }
  return out;
}

}  // namespace

std::string Scrubber::Scrub(std::string_view text) const {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const bool starts_token = i == 0 || !IsTokenCharacter(text[i - 1]);
    size_t length = starts_token ? TokenAt(rest) : 0;
    for (const std::string& secret : secrets_) length = std::max(length, SecretAt(rest, secret));
    if (length == 0) {
      out += text[i++];
    } else {
      out += kRemoved;
      i += length;
    }
  }
  out = Readable(out);
  if (out.size() <= kMaxBytes) return out;
  constexpr std::string_view kMore = "…";
  size_t end = kMaxBytes - kMore.size();
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  return out.substr(0, end).append(kMore);
}

}  // namespace colophon
