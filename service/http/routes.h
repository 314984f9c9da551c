#pragma once

#include <string>
#include <string_view>

#include "boost/beast/http/message.hpp"
#include "boost/beast/http/string_body.hpp"
#include "service/api/dispatcher.h"
#include "service/http/connect_call.h"

namespace colophon {

// What a request is for.
//
//   POST /colophon.v1.SERVICE/METHOD     the method, by the Connect protocol
//   GET  /colophon.v1.SERVICE/METHOD?…   the same, for methods without side effects
//   GET  /healthz /readyz /              plain text
//
// Without a method: what is answered.
struct Route {
  const Method* method = nullptr;

  unsigned http_status = 200;
  std::string text;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string allow;  // Of 405 and of a preflight.
  bool is_readiness = false;
  bool is_preflight = false;
};

using InboundRequest = boost::beast::http::request<boost::beast::http::string_body>;

Route RouteOf(const InboundRequest& request, const Dispatcher& dispatcher);

struct RoutedCall {
  ConnectFormat format;
  ConnectRequest request;
};

// The call that a request with a method makes; takes its body. INVALID_ARGUMENT
// BAD_REQUEST; UNIMPLEMENTED NOT_IMPLEMENTED for what the protocol has and isn't done.
absl::StatusOr<RoutedCall> ReadCall(const Route& route, InboundRequest* request);

// "localhost:8080", "127.0.0.1", "[::1]:8080": no name that somebody else may give.
bool IsLocalName(std::string_view host);

}  // namespace colophon
