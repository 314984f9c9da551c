#pragma once

#include <cstdint>
#include <string_view>

#include "absl/hash/hash.h"

namespace colophon {

// Keys, without keeping them: two sets are the same when as many were added and the sum
// of their hashes is the same. What was added twice is in it twice.
//
// Thread-compatible.
class KeySet {
 public:
  void Add(std::string_view key) {
    ++size_;
    sum_ += absl::HashOf(key);
  }
  int64_t size() const { return size_; }

  friend bool operator==(const KeySet&, const KeySet&) = default;

 private:
  int64_t size_ = 0;
  uint64_t sum_ = 0;
};

}  // namespace colophon
