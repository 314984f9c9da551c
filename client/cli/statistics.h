#pragma once

// How sure numbers of a sample are. Pure.

#include <cstdint>
#include <optional>
#include <vector>

namespace colophon {

// Where the true value is, in 95 of 100 samples.
struct Interval {
  double low = 0;
  double high = 0;
};

// So many of so many.
struct Share {
  int64_t part = 0;
  int64_t whole = 0;

  double value() const { return static_cast<double>(part) / static_cast<double>(whole); }
};

// Numbers, added up.
struct Sample {
  int64_t count = 0;
  double mean = 0;
  double squared_deviation = 0;  // The squares of their differences from the mean, added up.

  // As one sample with `other` (Chan).
  void Add(const Sample& other);
};

// Wilson's score interval, which is right for few and for shares near 0 and 1 too.
// REQUIRES: whole > 0.
Interval IntervalOf(const Share& share);
// Of the mean, by Student's t; nullopt of fewer than two numbers.
std::optional<Interval> IntervalOf(const Sample& sample);

// How probable a difference as large as this one or larger is, when there is none but by
// chance.
struct Comparison {
  const char* test = "";
  double p = 1;
};

// By Fisher's exact test; by the z-test of two proportions where every count that is
// expected is at least 50, so that both say the same. nullopt when a side has none.
std::optional<Comparison> Compare(const Share& a, const Share& b);
// By Welch's t-test, which asks for no equal variances. nullopt when a side has fewer than
// two numbers.
std::optional<Comparison> Compare(const Sample& a, const Sample& b);

// The same probabilities, raised so that of all of them together no more than 5 in 100 are
// below 0.05 by chance (Holm).
std::vector<double> CorrectedForMany(const std::vector<double>& ps);

}  // namespace colophon
