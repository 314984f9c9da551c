#include "client/cpp/label_pick.h"

#include <algorithm>
#include <random>
#include <string>

#include "service/base/hash.h"

namespace colophon {
namespace {

uint64_t Random() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return generator();
}

uint64_t HashOf(std::string_view label, std::string_view subject) {
  std::string text;
  text.reserve(subject.size() + 1 + label.size());
  text.append(subject).append("\n").append(label);
  return StableHash(text);
}

}  // namespace

size_t PickTarget(const std::vector<uint32_t>& weights, std::string_view label,
                  std::string_view subject) {
  if (weights.size() <= 1) return 0;
  uint64_t total = 0;
  for (const uint32_t weight : weights) total += std::max(weight, 1u);
  const uint64_t point = subject.empty() ? Random() : HashOf(label, subject);
  auto place = static_cast<uint64_t>((static_cast<unsigned __int128>(point) * total) >> 64);
  for (size_t i = 0; i < weights.size(); ++i) {
    const uint32_t weight = std::max(weights[i], 1u);
    if (place < weight) return i;
    place -= weight;
  }
  return weights.size() - 1;
}

}  // namespace colophon
