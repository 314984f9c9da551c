#pragma once

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "service/base/status.h"
#include "service/base/stop_flag.h"

namespace colophon {

// What is known of a call beside its request, whichever door it came by. Every
// function of the core that reads or writes for somebody takes it.
struct Call {
  std::string caller;
  // The name in the client's certificate, which its authority vouches for (NameOf in tls.h);
  // empty: it showed none.
  std::string certificate_name;
  std::string traceparent;  // As it came: checked where it is kept.
  // Of the request as it came: to count those of a large message takes long.
  size_t request_bytes = 0;
  // How much longer the caller waits, from when the core gets the call. No time of the
  // wall's clock, which may be set while the call runs.
  absl::Duration time_left = absl::InfiniteDuration();
  // Says that nobody waits any more; null: nobody will. Outlives the call.
  const StopFlag* stop = nullptr;
};

// CANCELLED when nobody waits any more: for work in steps, before each.
inline absl::Status CheckWanted(const Call& call) {
  if (call.stop == nullptr || !call.stop->stopped()) return absl::OkStatus();
  return Error(absl::StatusCode::kCancelled, "CANCELLED", "nobody waits for the answer any more");
}

}  // namespace colophon
