#pragma once

#include <vector>

namespace colophon::bench {

// The value that a share of `values` is not above. 0 when there are none.
double Percentile(std::vector<double> values, double share);
// The middle one, or the mean of the two in the middle.
double Median(std::vector<double> values);

struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;
};
Spread SpreadOf(const std::vector<double>& values);

}  // namespace colophon::bench
