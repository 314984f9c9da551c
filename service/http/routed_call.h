#pragma once

#include <memory>

#include "service/http/inbound_call.h"
#include "service/http/routes.h"

namespace colophon {

// A call as its request says it.
struct RoutedCall {
  const Method* method = nullptr;
  std::unique_ptr<Dialect> dialect;
  shape::Shape* shape = nullptr;  // The dialect's, until the call is served; null: none.
  InboundCallOptions options;
};

// The call that a request with a method or a shape makes; takes its body. Takes as long
// as its body is large. INVALID_ARGUMENT BAD_REQUEST, BAD_JSON; UNIMPLEMENTED
// NOT_IMPLEMENTED for what the protocol has and isn't done.
absl::StatusOr<RoutedCall> ReadCall(const Route& route, const Dispatcher& dispatcher,
                                    InboundRequest* request, const Peer& peer);

// What its headers say of who calls and for how long; BAD_CALLER, BAD_REQUEST.
absl::StatusOr<InboundCallOptions> ReadCallHeaders(const InboundRequest& request, const Peer& peer);

// Who asks, as a request's headers say; else the peer's address. What Admit refuses;
// BAD_REQUEST.
absl::StatusOr<Call> ReadCaller(const InboundRequest& request, const Peer& peer, Keys* keys);

}  // namespace colophon
