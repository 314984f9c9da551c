#pragma once

// Load on a gRPC method. Requests and answers are bytes, so that the client
// costs little and costs both sides of a comparison the same.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "service/base/status.h"

namespace colophon::bench {

struct LoadResult {
  double seconds = 0;
  std::vector<double> milliseconds;  // One a call, in no order.

  double calls_per_second() const {
    return seconds == 0 ? 0 : static_cast<double>(milliseconds.size()) / seconds;
  }
};

// A method to be called again and again.
struct LoadTarget {
  std::string address;  // "127.0.0.1:50051"
  std::string method;   // "/colophon.v1.RegistryService/GetVersion"
  std::string request;  // Serialized.
  // An answer that is shorter is an error: something else was answered.
  size_t min_answer_bytes = 1;
};

// A channel with a connection of its own.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address);

// One call; the serialized answer.
absl::StatusOr<std::string> CallOnce(const LoadTarget& target);

// Keeps so many calls in flight on one channel, for `warm_up` unmeasured and
// then for `duration`. The first failed call ends it with that call's error.
absl::StatusOr<LoadResult> RunClosedLoop(const LoadTarget& target, int in_flight,
                                         absl::Duration warm_up, absl::Duration duration);

// Starts `rate` calls a second, each at its own time whether or not the ones
// before it have ended, and counts from the time a call was due.
absl::StatusOr<LoadResult> RunOpenLoop(const LoadTarget& target, int rate, absl::Duration warm_up,
                                       absl::Duration duration);

}  // namespace colophon::bench
