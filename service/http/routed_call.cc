#include "service/http/routed_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/reference.h"
#include "service/http/connect_dialect.h"
#include "service/http/connect_wire.h"
#include "service/http/count_dialect.h"
#include "service/http/query.h"
#include "service/http/shape_dialect.h"

namespace colophon {
namespace {

namespace http = boost::beast::http;

constexpr char kApiKeyHeader[] = "x-api-key";
constexpr char kAuthorizationHeader[] = "authorization";
constexpr char kCallerHeader[] = "colophon-caller";
constexpr char kPromptHeader[] = "colophon-prompt";
constexpr char kVariablesHeader[] = "colophon-variables";

std::string_view ViewOf(boost::beast::string_view text) { return {text.data(), text.size()}; }

absl::Status Unimplemented(std::string_view message) {
  return Error(absl::StatusCode::kUnimplemented, "NOT_IMPLEMENTED", message);
}

// A message and how it is written.
struct ConnectBody {
  ConnectFormat format;
  std::string message;
};

absl::StatusOr<ConnectBody> ReadPost(const Method& method, InboundRequest* request) {
  ConnectBody body;
  const std::string_view given = ViewOf((*request)[http::field::content_type]);
  const auto format = ConnectFormat::OfContentType(given);
  const bool is_stream = method.descriptor->server_streaming();
  if (!format || format->is_stream != is_stream) {
    return InvalidArgument(
        "BAD_REQUEST",
        fmt::format("the Content-Type is {}: {} takes {} or {}", Quoted(given), method.name,
                    ConnectFormat{.is_json = true, .is_stream = is_stream}.content_type(),
                    ConnectFormat{.is_json = false, .is_stream = is_stream}.content_type()));
  }
  body.format = *format;
  const char* const encoding_header = is_stream ? "connect-content-encoding" : "content-encoding";
  const std::string_view encoding = ViewOf((*request)[encoding_header]);
  if (!encoding.empty() && encoding != "identity") {
    return Unimplemented(
        fmt::format("requests are not compressed here, also not by {}: leave out "
                    "{}",
                    Quoted(encoding), encoding_header));
  }
  if (is_stream) {
    ASSIGN_OR_RETURN(body.message, OpenEnvelope(request->body()));
  } else {
    body.message = std::move(request->body());
  }
  return body;
}

absl::StatusOr<ConnectBody> ReadGet(InboundRequest* request) {
  ConnectBody body;
  ASSIGN_OR_RETURN(auto query, ReadQuery(ViewOf(request->target())));
  const std::string encoding = query["encoding"];
  if (encoding != "json" && encoding != "proto") {
    return InvalidArgument(
        "BAD_REQUEST",
        fmt::format("encoding is {}: ask with ?encoding=json&message=… or POST", Quoted(encoding)));
  }
  if (!query["compression"].empty() && query["compression"] != "identity") {
    return Unimplemented("requests are not compressed here: leave out compression");
  }
  body.format.is_json = encoding == "json";
  body.message = query["message"];
  if (query["base64"] != "1") return body;
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(body.message, &decoded)) {
    return InvalidArgument("BAD_REQUEST", "message is not URL-safe base64, as base64=1 says");
  }
  body.message = std::move(decoded);
  return body;
}

absl::StatusOr<RoutedCall> ReadConnectCall(const Method& method, InboundRequest* request) {
  const bool is_get = request->method() == http::verb::get;
  ASSIGN_OR_RETURN(ConnectBody body, is_get ? ReadGet(request) : ReadPost(method, request));
  const auto version = (*request)["connect-protocol-version"];
  if (!version.empty() && version != "1") {
    return InvalidArgument("BAD_REQUEST",
                           fmt::format("Connect-Protocol-Version is {}: version 1 is spoken here",
                                       Quoted(ViewOf(version))));
  }
  RoutedCall call;
  call.method = &method;
  call.options.request_bytes = body.message.size();
  call.dialect = std::make_unique<ConnectDialect>(&method, body.format, std::move(body.message));
  return call;
}

std::optional<std::string> HeaderOf(const InboundRequest& request, const char* name) {
  if (request.count(name) == 0) return std::nullopt;
  return std::string(request[name]);
}

absl::StatusOr<RoutedCall> ReadShapeCall(const Route& route, const Dispatcher& dispatcher,
                                         InboundRequest* request) {
  const auto format = ConnectFormat::OfContentType(ViewOf((*request)[http::field::content_type]));
  if (!format || !format->is_json || format->is_stream) {
    return InvalidArgument("BAD_REQUEST",
                           fmt::format("the Content-Type is {}: send application/json",
                                       Quoted(ViewOf((*request)[http::field::content_type]))));
  }
  const std::string body = std::move(request->body());
  ASSIGN_OR_RETURN(json::value value, ParseJson(body));
  if (!value.is_object()) {
    return InvalidArgument("BAD_REQUEST", "the body is no JSON object");
  }
  if (const auto number = FindUnheldNumber(body)) {
    return InvalidArgument("BAD_JSON", fmt::format("{} doesn't fit into 64 bits: write it as a "
                                                   "string, \"{}\"",
                                                   *number, *number));
  }
  ASSIGN_OR_RETURN(auto shape, route.new_shape({.body = std::move(value.get_object()),
                                                .prompt = HeaderOf(*request, kPromptHeader),
                                                .variables = HeaderOf(*request, kVariablesHeader),
                                                .version = HeaderOf(*request, "anthropic-version"),
                                                .betas = HeaderOf(*request, "anthropic-beta")}));
  RoutedCall call;
  call.options.request_bytes = body.size();
  if (route.counts) {
    call.method = dispatcher.Find("colophon.v1.CompletionService.CountTokens");
    call.dialect = std::make_unique<CountDialect>(std::move(shape));
    return call;
  }
  call.method = dispatcher.Find(shape->is_stream() ? "colophon.v1.CompletionService.StreamComplete"
                                                   : "colophon.v1.CompletionService.Complete");
  call.shape = shape.get();
  call.dialect = std::make_unique<ShapeDialect>(std::move(shape));
  return call;
}

}  // namespace

absl::StatusOr<RoutedCall> ReadCall(const Route& route, const Dispatcher& dispatcher,
                                    InboundRequest* request, const Peer& peer) {
  ASSIGN_OR_RETURN(RoutedCall call, route.method != nullptr
                                        ? ReadConnectCall(*route.method, request)
                                        : ReadShapeCall(route, dispatcher, request));
  const size_t request_bytes = call.options.request_bytes;
  ASSIGN_OR_RETURN(call.options, ReadCallHeaders(*request, peer));
  call.options.request_bytes = request_bytes;
  return call;
}

absl::StatusOr<InboundCallOptions> ReadCallHeaders(const InboundRequest& request,
                                                   const Peer& peer) {
  for (const char* const name :
       {kCallerHeader, kPromptHeader, kVariablesHeader, kApiKeyHeader, kAuthorizationHeader}) {
    if (request.count(name) <= 1) continue;
    return InvalidArgument(
        name == kCallerHeader ? "BAD_CALLER" : "BAD_REQUEST",
        fmt::format("header \"{}\" is there more than once; send it once", name));
  }
  InboundCallOptions options;
  options.address = peer.address;
  options.credentials = {std::string(request[kAuthorizationHeader]),
                         std::string(request[kApiKeyHeader]), peer.certificate_name};
  options.caller = HeaderOf(request, kCallerHeader);
  options.traceparent = std::string(request["traceparent"]);
  const std::string_view given = ViewOf(request["connect-timeout-ms"]);
  if (given.empty()) return options;
  const auto timeout = ReadTimeout(given);
  if (!timeout) {
    return InvalidArgument("BAD_REQUEST",
                           fmt::format("Connect-Timeout-Ms is {}: it is a number of milliseconds "
                                       "with at most 10 digits",
                                       Quoted(given)));
  }
  options.timeout = *timeout;
  return options;
}

absl::StatusOr<Call> ReadCaller(const InboundRequest& request, const Peer& peer, Keys* keys) {
  ASSIGN_OR_RETURN(InboundCallOptions options, ReadCallHeaders(request, peer));
  Call call;
  call.caller = std::move(options.address);
  call.traceparent = std::move(options.traceparent);
  RETURN_IF_ERROR(Admit(keys, options.credentials, std::move(options.caller), &call));
  return call;
}

}  // namespace colophon
