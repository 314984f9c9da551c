#pragma once

// Which version a weighted label stands for. The server and its clients decide
// it by the same rule, so that a subject stays on its version whoever resolves.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "colophon/v1/registry.pb.h"

namespace colophon {

// v1::LabelTarget, small.
struct LabelShare {
  uint32_t version = 0;
  uint32_t weight = 0;  // May be 0 when there is one.
};

// In order of version number.
std::vector<LabelShare> SharesOf(const v1::LabelTargets& targets);

// The index of the only share, or of the one on which the subject falls; without
// a subject of a random one.
//
//   StableHash(subject "\n" label) / 2^64 * the sum of the weights
//
// falls into one of the ranges that the weights make one after the other, so a
// subject leaves its version only when shares move. NOTE: the choice for the
// same input must never change.
//
// REQUIRES: `shares` is not empty, and has weights when there are several.
size_t PickShare(std::span<const LabelShare> shares, std::string_view subject,
                 std::string_view label);

}  // namespace colophon
