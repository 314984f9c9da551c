#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/provider/secret_patterns.h"

namespace colophon {

// Makes what a provider says of an error fit to be shown and kept: no secret, in
// none of SecretPatterns' forms and not in part, and nothing that looks like a
// key; valid UTF-8 without control characters; at most kMaxBytes.
//
// Thread-safe.
class Scrubber {
 public:
  static constexpr size_t kMaxBytes = 1024;

  explicit Scrubber(std::vector<std::string> secrets);

  // Adds to `removed_count` how many secrets, or parts of one, it took out.
  std::string Scrub(std::string_view text, int64_t* removed_count) const;
  // Any bytes without secrets, parts of one and what looks like a key; else as they are.
  std::string ScrubBytes(std::string_view bytes, int64_t* removed_count) const;

  const SecretPatterns& patterns() const { return patterns_; }

 private:
  // The bytes at the beginning of `text` that are a part of a secret, if enough.
  size_t PartAt(std::string_view text) const;

  const std::vector<std::string> secrets_;
  const SecretPatterns patterns_;
  std::bitset<1 << 16> pairs_;  // Two bytes that follow each other in a secret.
};

}  // namespace colophon
