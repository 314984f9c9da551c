#include "service/http/responses.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/http/connect_wire.h"

namespace colophon {
namespace {

constexpr char kRecordHeader[] = "colophon-record";
constexpr char kAllowedHeaders[] =
    "authorization, x-api-key, content-type, connect-protocol-version, connect-timeout-ms, "
    "colophon-caller, traceparent";

namespace beast = boost::beast;
namespace http = beast::http;

constexpr char kExposedHeaders[] = "colophon-record, colophon-version, colophon-commit";

std::string_view ViewOf(beast::string_view text) { return {text.data(), text.size()}; }

bool IsAllowedOrigin(const HttpRules& rules, std::string_view origin) {
  return std::find(rules.cors_origins.begin(), rules.cors_origins.end(), origin) !=
         rules.cors_origins.end();
}

// Adds what lets a page of an allowed origin read it.
void AllowOrigin(const HttpRules& rules, const InboundRequest& request,
                 OutboundResponse* response) {
  if (rules.cors_origins.empty()) return;
  response->set(http::field::vary, "Origin");
  const auto origin = request[http::field::origin];
  if (!IsAllowedOrigin(rules, ViewOf(origin))) return;
  response->set(http::field::access_control_allow_origin, origin);
  response->set(http::field::access_control_expose_headers, kExposedHeaders);
}

}  // namespace

OutboundResponse NewResponse(const HttpRules& rules, const InboundRequest& request,
                             unsigned http_status, std::string body,
                             std::string_view content_type) {
  OutboundResponse response;
  response.version(request.version() == 10 ? 10 : 11);
  response.result(http_status);
  response.set(http::field::server, "colophon");
  if (!content_type.empty()) {
    response.set(http::field::content_type,
                 beast::string_view(content_type.data(), content_type.size()));
  }
  response.body() = std::move(body);
  AllowOrigin(rules, request, &response);
  return response;
}

OutboundResponse TextResponse(const HttpRules& rules, const Route& route,
                              const InboundRequest& request) {
  OutboundResponse response =
      NewResponse(rules, request, route.http_status, route.text, route.content_type);
  if (route.is_readiness && !rules.is_serving()) {
    response.result(503u);
    response.body() = "stopping\n";
  }
  if (!route.allow.empty()) response.set(http::field::allow, route.allow);
  if (route.is_preflight) {
    response.set(http::field::access_control_allow_methods, route.allow);
    // SDKs say much of themselves; whether the page may call is said by its origin.
    const auto wanted = request[http::field::access_control_request_headers];
    response.set(http::field::access_control_allow_headers,
                 route.api && !wanted.empty() ? wanted : kAllowedHeaders);
    response.set(http::field::access_control_max_age, "7200");
  }
  return response;
}

// Which record the call has made, and what the dialect says in headers.
void AddCallHeaders(const Route& route, InboundCall* call, http::response_header<>* header) {
  if (const std::string record = call->record(); !record.empty()) {
    header->set(kRecordHeader, record);
    // What SDKs tell apps of as the request's id.
    if (route.api == shape::Api::kOpenAi) header->set("x-request-id", record);
    if (route.api == shape::Api::kAnthropic) header->set("request-id", record);
  }
  for (const auto& [name, value] : call->dialect().headers()) {
    header->set(beast::string_view(name.data(), name.size()), value);
  }
}

OutboundResponse ErrorResponse(const HttpRules& rules, const Route& route,
                               const InboundRequest& request, const absl::Status& status) {
  OutboundResponse response = NewResponse(
      rules, request, static_cast<unsigned>(HttpStatusOf(status.code())), WriteError(route, status),
      route.is_text ? "text/plain; charset=utf-8" : "application/json");
  if (absl::IsUnauthenticated(status)) {
    // git's clients ask their user, or a helper, for a name and a key when they see that.
    response.set(http::field::www_authenticate, route.git
                                                    ? "Basic realm=\"colophon\", charset=\"UTF-8\""
                                                    : "Bearer realm=\"colophon\"");
  }
  if (const auto delay = RetryDelayOf(status)) {
    const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(*delay, absl::Seconds(1)));
    response.set(http::field::retry_after, std::to_string(seconds));
  } else if (route.api && absl::IsResourceExhausted(status)) {
    response.set("x-should-retry", "false");  // SDKs try each 429 again that doesn't say so.
  }
  return response;
}

absl::Status CheckWhoAsks(const HttpRules& rules, const InboundRequest& request) {
  const std::string_view origin = ViewOf(request[http::field::origin]);
  if (!origin.empty() && !IsAllowedOrigin(rules, origin)) {
    return Error(absl::StatusCode::kPermissionDenied, "ORIGIN_NOT_ALLOWED",
                 fmt::format("pages of {} may not call: http_cors_origins in the configuration "
                             "names those that may",
                             Quoted(origin)));
  }
  const std::string_view host = ViewOf(request[http::field::host]);
  if (!rules.only_local_names || host.empty() || IsLocalName(host)) return absl::OkStatus();
  return Error(absl::StatusCode::kPermissionDenied, "HOST_NOT_ALLOWED",
               fmt::format("the server is for this machine only and called {}: call it localhost "
                           "or by its address",
                           Quoted(host)));
}

}  // namespace colophon
