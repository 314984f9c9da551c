#include "client/cli/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "boost/math/distributions/students_t.hpp"

namespace colophon {
namespace {

// Of the normal distribution, with 2.5 % beyond it.
constexpr double kZ = 1.959963984540054;
constexpr double kTail = 0.025;
constexpr double kExpectedForZ = 50;

double VarianceOfMean(const Sample& sample) {
  const auto count = static_cast<double>(sample.count);
  return sample.squared_deviation / (count - 1) / count;
}

// The tables of 2 × 2 counts whose margins are those of `a` and `b`: how probable each is.
class Tables {
 public:
  Tables(const Share& a, const Share& b)
      : a_(a.whole), b_(b.whole), parts_(a.part + b.part), all_(LogChoose(a_ + b_, parts_)) {}

  int64_t least() const { return std::max<int64_t>(0, parts_ - b_); }
  int64_t most() const { return std::min(parts_, a_); }
  // With so many parts of `a`.
  double Probability(int64_t part) const {
    return std::exp(LogChoose(a_, part) + LogChoose(b_, parts_ - part) - all_);
  }

 private:
  static double LogChoose(int64_t n, int64_t k) {
    const auto log_factorial = [](int64_t i) { return std::lgamma(static_cast<double>(i) + 1); };
    return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
  }

  const int64_t a_, b_, parts_;
  const double all_;
};

double FishersP(const Share& a, const Share& b) {
  // What is as probable may differ in its last digits.
  constexpr double kSame = 1 + 1e-7;
  const Tables tables(a, b);
  const double found = tables.Probability(a.part) * kSame;
  double p = 0;
  for (int64_t part = tables.least(); part <= tables.most(); ++part) {
    const double probability = tables.Probability(part);
    if (probability <= found) p += probability;
  }
  return std::min(p, 1.0);
}

double ProportionsP(const Share& a, const Share& b) {
  const Share both{a.part + b.part, a.whole + b.whole};
  const double variance = both.value() * (1 - both.value()) *
                          (1 / static_cast<double>(a.whole) + 1 / static_cast<double>(b.whole));
  const double z = (a.value() - b.value()) / std::sqrt(variance);
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

// The least of the four counts that are expected when both shares are the same.
double LeastExpected(const Share& a, const Share& b) {
  const double share = Share{a.part + b.part, a.whole + b.whole}.value();
  return std::min(share, 1 - share) * static_cast<double>(std::min(a.whole, b.whole));
}

}  // namespace

void Sample::Add(const Sample& other) {
  if (other.count == 0) return;
  const auto one = static_cast<double>(count), two = static_cast<double>(other.count);
  const double difference = other.mean - mean;
  mean += difference * two / (one + two);
  squared_deviation += other.squared_deviation + difference * difference * one * two / (one + two);
  count += other.count;
}

Interval IntervalOf(const Share& share) {
  const auto n = static_cast<double>(share.whole);
  const double p = share.value();
  const double scale = 1 + kZ * kZ / n;
  const double middle = (p + kZ * kZ / (2 * n)) / scale;
  const double half = kZ / scale * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

std::optional<Interval> IntervalOf(const Sample& sample) {
  if (sample.count < 2) return std::nullopt;
  const boost::math::students_t distribution(static_cast<double>(sample.count - 1));
  const double half = boost::math::quantile(boost::math::complement(distribution, kTail)) *
                      std::sqrt(VarianceOfMean(sample));
  return Interval{sample.mean - half, sample.mean + half};
}

std::optional<Comparison> Compare(const Share& a, const Share& b) {
  if (a.whole == 0 || b.whole == 0) return std::nullopt;
  if (LeastExpected(a, b) >= kExpectedForZ) {
    return Comparison{"z of proportions", ProportionsP(a, b)};
  }
  return Comparison{"Fisher's exact", FishersP(a, b)};
}

std::optional<Comparison> Compare(const Sample& a, const Sample& b) {
  if (a.count < 2 || b.count < 2) return std::nullopt;
  const double of_a = VarianceOfMean(a), of_b = VarianceOfMean(b);
  if (of_a + of_b == 0) return Comparison{"Welch's t", a.mean == b.mean ? 1.0 : 0.0};
  const double t = (a.mean - b.mean) / std::sqrt(of_a + of_b);
  // Welch and Satterthwaite.
  const double freedom = (of_a + of_b) * (of_a + of_b) /
                         (of_a * of_a / static_cast<double>(a.count - 1) +
                          of_b * of_b / static_cast<double>(b.count - 1));
  const boost::math::students_t distribution(freedom);
  return Comparison{"Welch's t",
                    2 * boost::math::cdf(boost::math::complement(distribution, std::abs(t)))};
}

std::vector<double> CorrectedForMany(const std::vector<double>& ps) {
  std::vector<size_t> order(ps.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return ps[a] < ps[b]; });
  std::vector<double> corrected(ps.size());
  double greatest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    greatest = std::max(greatest, std::min(1.0, ps[order[i]] * static_cast<double>(ps.size() - i)));
    corrected[order[i]] = greatest;
  }
  return corrected;
}

}  // namespace colophon
