#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace colophon {

// Which target of a weighted label a subject gets: the server's own rule, so
// that a subject stays on its version whoever resolves. The targets' weights
// are in order of version number; `label` is "production". Without a subject it
// is a random one.
//
//   StableHash(subject "\n" label) / 2^64 * the sum of the weights
//
// falls into one of the ranges that the weights make one after the other.
size_t PickTarget(const std::vector<uint32_t>& weights, std::string_view label,
                  std::string_view subject);

}  // namespace colophon
