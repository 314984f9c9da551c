#pragma once

// Something that completes messages: a model API.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "service/base/executor.h"
#include "service/base/status.h"
#include "service/base/task.h"

namespace colophon {

// One call, ready to be sent.
struct ProviderRequest {
  std::string model;  // Without the provider's name: "gpt-4o-mini".
  std::string body;   // The exact bytes, from Encode.
  bool stream = false;
  // The body is EncodeCount's: the answer is no piece, and metadata's usage.
  bool count = false;
  std::string traceparent;  // Sent on; empty: none.
  // No longer than this from now on; the provider's own limit holds too.
  absl::Duration timeout = absl::InfiniteDuration();
};

// An answer as it comes. Lives on one Loop: everything is called there. The
// caller's pace is the provider's: while nobody waits in Next, no more than a
// bounded amount is read from the network.
//
// Destroying it stops the call.
class ProviderCall {
 public:
  virtual ~ProviderCall() = default;

  // The next piece; nullopt when the provider has finished its answer, which
  // its own terminator must have said. An error says what went wrong; what had
  // arrived before it stays valid.
  //
  // code               reason                  what happened
  // UNAVAILABLE        PROVIDER_UNREACHABLE    no connection, TLS refused
  // UNAVAILABLE        PROVIDER_UNAVAILABLE    5xx, overloaded
  // UNAVAILABLE        PROVIDER_CUT            broke off before its terminator
  // UNAVAILABLE        PROVIDER_MALFORMED      not what the API promises
  // RESOURCE_EXHAUSTED PROVIDER_THROTTLED      429; RetryInfo when it says how long
  // RESOURCE_EXHAUSTED PROVIDER_TOO_LARGE      more bytes than allowed
  // DEADLINE_EXCEEDED  PROVIDER_TIMEOUT        connect, first byte, idle, total:
  //                                            metadata "limit" says which
  // INVALID_ARGUMENT   PROVIDER_REJECTED       400, 404, 413, 422: our request
  // FAILED_PRECONDITION PROVIDER_KEY_REJECTED  401, 403: our configuration
  // CANCELLED          CANCELLED               Cancel was called
  virtual Task<absl::StatusOr<std::optional<v1::Piece>>> Next() = 0;

  // Stops the call; a waiting Next returns CANCELLED.
  virtual void Cancel() = 0;

  // Everything but the message: stop reason, usage, model, id, as far as known.
  virtual const v1::Completion& metadata() const = 0;

  // As Attempt's; nullopt when no request went over a connection.
  virtual std::optional<int64_t> connection_request_count() const { return std::nullopt; }
  // How many secrets stand as "[key]" in what Next and metadata gave so far.
  virtual int64_t removed_secret_count() const { return 0; }
  // What was odd about the answer and how it was taken, without secrets.
  virtual std::vector<std::string> notes() const { return {}; }
  // What the provider sent so far, without secrets, its digest and size: nullopt when
  // nothing came, or it isn't to be kept of a call that ended so. Call it at the end.
  virtual Task<std::optional<v1::RawAnswer>> RawAnswer(bool /*failed*/) { co_return std::nullopt; }
};

// Thread-safe.
class Provider {
 public:
  virtual ~Provider() = default;

  // The request body for `model` (without the provider's name). A pure function: the
  // same input gives the same bytes. INVALID_ARGUMENT UNSUPPORTED when the
  // provider can't take what the prompt says, with what and where.
  virtual absl::StatusOr<std::string> Encode(const v1::Rendered& rendered, std::string_view model,
                                             bool stream) const = 0;

  // The same for a request that asks how many tokens the model would read. UNSUPPORTED
  // when the API has none.
  virtual absl::StatusOr<std::string> EncodeCount(const v1::Rendered& rendered,
                                                  std::string_view model) const;

  // Starts the call on `loop`, from which it is called. A unary answer comes
  // as pieces too.
  virtual std::unique_ptr<ProviderCall> Start(Loop& loop, ProviderRequest request) = 0;
};

// True when the same request may succeed if it is sent again. Not after
// PROVIDER_MALFORMED, which says that something else than the API answers.
bool IsRetryable(const absl::Status& status);

}  // namespace colophon
