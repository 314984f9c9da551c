#pragma once

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

  explicit Scrubber(std::vector<std::string> secrets)
      : secrets_(std::move(secrets)), patterns_(secrets_) {}

  // Adds to `removed_count` how many secrets, or parts of one, it took out.
  std::string Scrub(std::string_view text, int64_t* removed_count) const;

  const SecretPatterns& patterns() const { return patterns_; }

 private:
  const std::vector<std::string> secrets_;
  const SecretPatterns patterns_;
};

}  // namespace colophon
