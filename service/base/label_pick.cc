#include "service/base/label_pick.h"

#include <cassert>
#include <random>

#include "fmt/format.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

uint64_t RandomPoint() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return random();
}

}  // namespace

std::vector<LabelShare> SharesOf(const v1::LabelTargets& targets) {
  std::vector<LabelShare> shares;
  shares.reserve(targets.targets_size());
  for (const auto& target : targets.targets())
    shares.push_back({target.version(), target.weight()});
  return shares;
}

size_t PickShare(std::span<const LabelShare> shares, std::string_view subject,
                 std::string_view label) {
  assert(!shares.empty());
  if (shares.size() == 1) return 0;
  uint64_t total = 0;
  for (const LabelShare& share : shares) total += share.weight;
  const uint64_t point =
      subject.empty() ? RandomPoint() : StableHash(fmt::format("{}\n{}", subject, label));
  // As a fraction of the total, so that little moves when the total grows.
  auto place = static_cast<uint64_t>((static_cast<unsigned __int128>(point) * total) >> 64);
  for (size_t i = 0; i < shares.size(); ++i) {
    if (place < shares[i].weight) return i;
    place -= shares[i].weight;
  }
  return shares.size() - 1;  // The total is never reached.
}

}  // namespace colophon
