#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "colophon/v1/admin.pb.h"
#include "colophon/v1/record.pb.h"

namespace colophon {

// What a Prometheus server reads of this one. Each name is listed in metrics.cc, with what
// bounds its labels: no text of a prompt, no id and no caller is a label.
//
// Thread-safe. Counting costs well under a microsecond and takes no lock that is held for
// longer than a look-up.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // A call of a method of the API that ended. `door`: "grpc" or "http".
  void CountCall(std::string_view door, std::string_view method, absl::StatusCode code,
                 absl::Duration took);
  // A request of git's clients that was answered; `service`: "upload-pack", "receive-pack".
  void CountGit(std::string_view service, bool ok, absl::Duration took);
  // A completion whose outcome is durable.
  void CountCompletion(const v1::Outcome& outcome);
  // A batch that the store's committer has synced.
  void CountCommit(int writes, absl::Duration took);

  // All of it in Prometheus' text format, with the gauges that `info` has. May take
  // milliseconds.
  std::string Write(const v1::GetServerInfoResponse& info);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace colophon
