#pragma once

// Load over HTTP/1.1 with keep-alive, for the peers that speak nothing else.

#include <string>

#include "tests/bench/load.h"

namespace colophon::bench {

struct HttpTarget {
  int port = 0;  // Of 127.0.0.1.
  std::string path;
  std::string body;  // JSON.
};

// One POST on a new connection; the answer's body, which must come with 200
// and a length.
absl::StatusOr<std::string> PostOnce(const HttpTarget& target);

// As RunOpenLoop, on 16 connections.
absl::StatusOr<LoadResult> RunHttpOpenLoop(const HttpTarget& target, int rate,
                                           absl::Duration warm_up, absl::Duration duration);

}  // namespace colophon::bench
