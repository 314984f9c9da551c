#pragma once

// A prompt's labels as a file of the tree:
//
//   production: v12
//   staging: {v12: 90, v13: 10}

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"

namespace colophon::prompt {

inline constexpr int kMaxTargets = 16;
inline constexpr uint32_t kMaxWeight = 10'000;
inline constexpr int kMaxLabelsOfPrompt = 256;

// Label → targets, normal.
using LabelMap = std::map<std::string, v1::LabelTargets, std::less<>>;

// Every problem goes to `diagnostics` with its line; nullopt when there is one.
// Whether the versions exist is not checked.
std::optional<LabelMap> ParseLabelsFile(std::string_view path, std::string_view text,
                                        std::vector<v1::Diagnostic>* diagnostics);

// Sorted by label; the same for the same labels.
std::string WriteLabelsFile(const LabelMap& labels);

// Sorts targets by version and leaves out the weight of a single one, so that
// equal targets are equal bytes. INVALID_ARGUMENT BAD_TARGETS when there are
// too many, a version comes twice, or a weight is missing or out of its range.
// Version 0 is let through.
absl::StatusOr<v1::LabelTargets> NormalTargets(const v1::LabelTargets& targets);

bool EqualTargets(const v1::LabelTargets& a, const v1::LabelTargets& b);

// "v12" or "{v12: 90, v13: 10}", as in the file; "" for none.
std::string TargetsText(const v1::LabelTargets& targets);

}  // namespace colophon::prompt
