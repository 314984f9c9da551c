#pragma once

#include "colophon/v1/record.pb.h"

namespace colophon {

// One number more (Welford).
inline void AddNumber(double number, v1::NumberSummary* sum) {
  sum->set_count(sum->count() + 1);
  const double difference = number - sum->mean();
  sum->set_mean(sum->mean() + difference / static_cast<double>(sum->count()));
  sum->set_squared_deviation(sum->squared_deviation() + difference * (number - sum->mean()));
}

}  // namespace colophon
