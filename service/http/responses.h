#pragma once

// Answers, and who may have them.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "boost/beast/http/message.hpp"
#include "boost/beast/http/string_body.hpp"
#include "service/base/call.h"
#include "service/http/inbound_call.h"
#include "service/http/routes.h"

namespace colophon {

// What holds for every connection of a server.
struct HttpRules {
  int64_t max_message_bytes = 0;
  // Pages of these origins may call: "https://console.example.com".
  std::vector<std::string> cors_origins;
  // A page whose name was made to point here calls it by that name: while the port is
  // for this machine only, it answers to names of this machine only.
  bool only_local_names = true;
  // For /readyz.
  std::function<bool()> is_serving;
  // For /metrics; blocks. PERMISSION_DENIED RIGHT_MISSING. Empty: there are none.
  std::function<absl::StatusOr<std::string>(const Call& call)> write_metrics;
};

using OutboundResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Without its length. Pages of an allowed origin may read it.
OutboundResponse NewResponse(const HttpRules& rules, const InboundRequest& request,
                             unsigned http_status, std::string body, std::string_view content_type);

// What a route answers by itself: its text, or what a preflight may.
OutboundResponse TextResponse(const HttpRules& rules, const Route& route,
                              const InboundRequest& request);

// Which record the call has made, and what its dialect says in headers.
void AddCallHeaders(const Route& route, InboundCall* call,
                    boost::beast::http::response_header<>* header);

// In the words of the route, with the time to come again when the error says one.
OutboundResponse ErrorResponse(const HttpRules& rules, const Route& route,
                               const InboundRequest& request, const absl::Status& status);

// PERMISSION_DENIED ORIGIN_NOT_ALLOWED for pages of other origins, HOST_NOT_ALLOWED for
// other names of this machine.
absl::Status CheckWhoAsks(const HttpRules& rules, const InboundRequest& request);

}  // namespace colophon
