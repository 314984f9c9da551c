#include "tests/bench/measures.h"

namespace colophon::bench {

absl::Status Alternate(int rounds, const std::vector<std::function<absl::Status()>>& sides) {
  for (int round = 0; round < rounds; ++round) {
    for (const auto& side : sides) RETURN_IF_ERROR(side());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<double>>> AlternateRates(
    int rounds, const std::vector<std::function<absl::StatusOr<double>()>>& sides) {
  std::vector<std::vector<double>> figures(sides.size());
  std::vector<std::function<absl::Status()>> steps;
  for (size_t i = 0; i < sides.size(); ++i) {
    steps.emplace_back([&figures, &sides, i] {
      ASSIGN_OR_RETURN(const double figure, sides[i]());
      figures[i].push_back(figure);
      return absl::OkStatus();
    });
  }
  RETURN_IF_ERROR(Alternate(rounds, steps));
  return figures;
}

}  // namespace colophon::bench
