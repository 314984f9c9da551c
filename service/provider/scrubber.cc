#include "service/provider/scrubber.h"

#include <algorithm>

#include "service/base/json.h"

namespace colophon {
namespace {

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

size_t PairAt(std::string_view text, size_t i) {
  return static_cast<unsigned char>(text[i]) << 8 | static_cast<unsigned char>(text[i + 1]);
}

struct Part {
  size_t begin;
  size_t end;
};

// Where a form of a secret begins and isn't finished, as in a text that was cut.
std::vector<Part> BegunIn(const SecretPatterns& patterns, std::string_view text) {
  std::vector<Part> parts;
  SecretPatterns::State state = SecretPatterns::kStart;
  size_t begun = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const size_t before = begun;
    if (i < text.size()) state = patterns.Next(state, text[i]);
    begun = i < text.size() ? patterns.BegunAt(state) : 0;
    if (begun > before || before < kShortestPart) continue;
    if (!parts.empty() && i - before < parts.back().end) {
      parts.back().end = i;
    } else {
      parts.push_back({i - before, i});
    }
  }
  return parts;
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

Scrubber::Scrubber(std::vector<std::string> secrets)
    : secrets_(std::move(secrets)), patterns_(secrets_) {
  for (const std::string& secret : secrets_) {
    for (size_t i = 0; i + 1 < secret.size(); ++i) pairs_.set(PairAt(secret, i));
  }
}

// Most places of a text have no pair of a secret's, and need no search.
size_t Scrubber::PartAt(std::string_view text) const {
  if (text.size() >= 2 && !pairs_.test(PairAt(text, 0))) return 0;
  size_t part = 0;
  for (const std::string& secret : secrets_) part = std::max(part, SecretAt(text, secret));
  return part;
}

std::string Scrubber::ScrubBytes(std::string_view given, int64_t* removed_count) const {
  const std::string text = RemoveSecrets(patterns_, given, removed_count);
  const std::vector<Part> begun = BegunIn(patterns_, text);
  auto next = begun.begin();
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    while (next != begun.end() && next->end <= i) ++next;
    size_t part = next != begun.end() && next->begin <= i ? next->end - i : 0;
    part = std::max(part, PartAt(rest));
    if (part > 0) ++*removed_count;
    const bool starts_token = i == 0 || !IsTokenCharacter(text[i - 1]);
    const size_t length = std::max(part, starts_token ? TokenAt(rest) : 0);
    if (length == 0) {
      out += text[i++];
    } else {
      out += SecretFilter::kRemoved;
      i += length;
    }
  }
  return out;
}

std::string Scrubber::Scrub(std::string_view text, int64_t* removed_count) const {
  std::string out = Readable(ScrubBytes(text, removed_count));
  if (out.size() <= kMaxBytes) return out;
  constexpr std::string_view kMore = "…";
  size_t end = kMaxBytes - kMore.size();
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  return out.substr(0, end).append(kMore);
}

}  // namespace colophon
