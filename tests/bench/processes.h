#pragma once

// The programs that measures start: Colophon's server and what it is compared
// with. Each listens on a port of its own on 127.0.0.1.

#include <memory>
#include <string>

#include "fmt/format.h"
#include "service/base/status.h"
#include "tests/bench/child.h"

namespace colophon::bench {

// A program that listens, until this goes.
struct Process {
  std::unique_ptr<Child> child;
  int port = 0;

  std::string address() const { return fmt::format("127.0.0.1:{}", port); }
};

// Files go into `folder`, which is created. One process a folder.

// `colophond` with this configuration (text proto). Data in `folder`/data, log in
// `folder`/log. `open_files` limits how many it may have; 0: as many as we.
absl::StatusOr<Process> StartColophond(const std::string& folder, const std::string& config,
                                       int open_files = 0);

// The bare gRPC server. `answer`: the payload of its answers.
absl::StatusOr<Process> StartEcho(const std::string& folder, const std::string& answer, bool raw);
// Its method.
inline constexpr char kEchoMethod[] = "/colophon.bench.Echo/Call";

// The model API that answers at once.
absl::StatusOr<Process> StartUpstream(const std::string& folder, size_t answer_bytes);

// nginx as a reverse proxy to the port. NOT_FOUND when it isn't installed.
absl::StatusOr<Process> StartNginx(const std::string& folder, int upstream_port);

// Configuration of a provider `bench` that is the upstream at this port.
std::string ProviderConfig(int upstream_port);

}  // namespace colophon::bench
