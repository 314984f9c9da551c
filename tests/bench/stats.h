#pragma once

#include <vector>

namespace colophon::bench {

// The value that a share of `values` is not above: 0.5 is the median. 0 when
// there are none.
double Percentile(std::vector<double> values, double share);
inline double Median(const std::vector<double>& values) { return Percentile(values, 0.5); }

struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;
};
Spread SpreadOf(const std::vector<double>& values);

}  // namespace colophon::bench
