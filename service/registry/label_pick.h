#pragma once

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

std::vector<LabelShare> SharesOf(const v1::LabelTargets& targets);

// The version a label stands for: the only one, or the one on whose share the
// subject falls; without a subject a random one. Versions have their shares of
// the whole in the order given, so a subject leaves its version only when
// shares move. NOTE: the choice for the same input must never change.
//
// REQUIRES: `shares` is not empty, and has weights when there are several.
uint32_t PickVersion(std::span<const LabelShare> shares, std::string_view subject,
                     std::string_view label);

}  // namespace colophon
