#include "tests/bench/sides.h"

#include "tests/bench/stats.h"

namespace colophon::bench {
namespace {

double CpuSeconds(const Side& side) {
  double seconds = 0;
  for (const Child* server : side.servers) seconds += server->cpu_seconds();
  return seconds;
}

}  // namespace

void SideFigures::Add(const LoadResult& result, double cpu_seconds, int64_t calls) {
  calls_per_second.push_back(result.calls_per_second());
  p50.push_back(Percentile(result.milliseconds, 0.5));
  p99.push_back(Percentile(result.milliseconds, 0.99));
  cpu_per_call.push_back(calls == 0 ? 0 : cpu_seconds * 1e6 / static_cast<double>(calls));
}

absl::StatusOr<std::vector<SideFigures>> CompareSides(const Options& options,
                                                      const std::vector<Side>& sides) {
  std::vector<SideFigures> figures(sides.size());
  std::vector<std::function<absl::Status()>> steps;
  for (size_t i = 0; i < sides.size(); ++i) {
    steps.emplace_back([&options, &side = sides[i], &side_figures = figures[i]] {
      // Warmed up apart, so that CPU time and calls are of the same seconds.
      RETURN_IF_ERROR(
          RunClosedLoop(side.target, kInFlight, absl::ZeroDuration(), options.warm_up).status());
      const double cpu = CpuSeconds(side);
      ASSIGN_OR_RETURN(const LoadResult result,
                       RunClosedLoop(side.target, kInFlight, absl::ZeroDuration(), options.slice));
      side_figures.Add(result, CpuSeconds(side) - cpu,
                       static_cast<int64_t>(result.milliseconds.size()));
      return absl::OkStatus();
    });
  }
  RETURN_IF_ERROR(Alternate(options.rounds, steps));
  return figures;
}

}  // namespace colophon::bench
