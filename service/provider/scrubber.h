#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// Makes text that a provider sent fit to be shown and kept: no key, whole or in
// part, and nothing that looks like one; valid UTF-8 without control
// characters; at most kMaxBytes.
//
// Thread-safe.
class Scrubber {
 public:
  static constexpr size_t kMaxBytes = 1024;

  explicit Scrubber(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {}

  std::string Scrub(std::string_view text) const;

 private:
  const std::vector<std::string> secrets_;
};

}  // namespace colophon
