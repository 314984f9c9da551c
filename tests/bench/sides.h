#pragma once

// Two or more servers under the same load in turn.

#include <string>
#include <vector>

#include "tests/bench/load.h"
#include "tests/bench/measures.h"
#include "tests/bench/processes.h"

namespace colophon::bench {

// What one side did, one figure a round.
struct SideFigures {
  std::vector<double> calls_per_second;
  std::vector<double> p50;           // Milliseconds.
  std::vector<double> p99;           // Milliseconds.
  std::vector<double> cpu_per_call;  // Microseconds of the server's processes.

  void Add(const LoadResult& result, double cpu_seconds, int64_t calls);
};

// A server under a closed loop of 64 calls on one channel.
struct Side {
  LoadTarget target;
  std::vector<const Child*> servers;  // Whose CPU time counts.
};

inline constexpr int kInFlight = 64;

// One figure a round for each side.
absl::StatusOr<std::vector<SideFigures>> CompareSides(const Options& options,
                                                      const std::vector<Side>& sides);

}  // namespace colophon::bench
