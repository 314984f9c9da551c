#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/cpp/retry.h"
#include "service/base/clock.h"

namespace colophon {

// PEM files, read when the client is made.
struct ClientTls {
  // The authorities that the server's certificate may be of; empty: the system's.
  std::string ca_file;
  // What the client shows of itself; both or none.
  std::string certificate_file;
  std::string key_file;
};

struct ClientOptions {
  // "host:port" or "unix:/path" in plain text, "https://host:port" with TLS; of any other
  // every call is INVALID_ARGUMENT BAD_ADDRESS.
  std::string address = "127.0.0.1:50051";
  // For https: only. A file that can't be used makes every call INVALID_ARGUMENT BAD_TLS_FILE.
  ClientTls tls;
  // Who calls, as records and changes name it; empty: the peer's address.
  // Metadata is printable ASCII: other bytes are percent-encoded.
  std::string caller;
  // What the server gave the caller to be let in, "clp_…"; empty: none is sent. The server
  // then calls the caller what the key says.
  std::string key;
  absl::Duration timeout = absl::Seconds(30);
  // Of completions, of VerifyStore and of CreateBackup, which take as long as
  // they take.
  absl::Duration long_timeout = absl::Minutes(10);
  RetryPolicy retry;

  // For tests.
  Clock* clock = Clock::Real();
  std::function<void(absl::Duration)> sleep;  // Empty: really.
  std::function<double()> random;             // [0, 1). Empty: really.
};

// What may differ from call to call.
struct CallOptions {
  // At most so long, all attempts together. Not given: the client's.
  std::optional<absl::Duration> timeout;
  // Not given: the policy's.
  std::optional<int> max_attempts;
  // Instead of the client's.
  std::string caller;
  // W3C trace context; kept in records and sent on.
  std::string traceparent;
};

}  // namespace colophon
