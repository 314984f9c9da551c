#include "service/http/routes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "boost/asio/ip/address.hpp"
#include "fmt/format.h"
#include "google/protobuf/descriptor.pb.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

namespace http = boost::beast::http;

constexpr char kCallerHeader[] = "colophon-caller";
constexpr char kJson[] = "application/json";

constexpr std::string_view kWelcome =
    "Colophon: prompts as versions, and which version wrote what.\n"
    "\n"
    "  POST /colophon.v1.RegistryService/GetVersion   every method as JSON, by the Connect\n"
    "                                                 protocol: {\"name\": "
    "\"acme/support/triage\"}\n"
    "  GET  /healthz, /readyz                         it runs; it takes calls\n";

std::string_view ViewOf(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string_view PathOf(const InboundRequest& request) {
  const std::string_view target = ViewOf(request.target());
  return target.substr(0, target.find('?'));
}

bool HasSideEffects(const Method& method) {
  return method.descriptor->options().idempotency_level() !=
         google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const std::string_view digits = text.substr(i + 1, 2);
      const bool is_hex =
          digits.size() == 2 && std::all_of(digits.begin(), digits.end(), [](char c) {
            return std::isxdigit(static_cast<unsigned char>(c)) != 0;
          });
      if (!is_hex) return std::nullopt;
      decoded += absl::HexStringToBytes({digits.data(), digits.size()});
      i += 2;
    }
  }
  return decoded;
}

absl::StatusOr<std::map<std::string, std::string>> ReadQuery(std::string_view target) {
  std::map<std::string, std::string> query;
  const size_t mark = target.find('?');
  std::string_view rest = mark == target.npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    const auto name = PercentDecoded(pair.substr(0, equals));
    const auto value =
        PercentDecoded(equals == pair.npos ? std::string_view() : pair.substr(equals + 1));
    if (!name || !value) {
      return InvalidArgument("BAD_REQUEST",
                             fmt::format("{} of the query isn't percent-encoded", Quoted(pair)));
    }
    query[*name] = *value;
  }
  return query;
}

absl::Status Unimplemented(std::string_view message) {
  return Error(absl::StatusCode::kUnimplemented, "NOT_IMPLEMENTED", message);
}

absl::StatusOr<RoutedCall> ReadPost(const Method& method, InboundRequest* request) {
  RoutedCall call;
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
  call.format = *format;
  const char* const encoding_header = is_stream ? "connect-content-encoding" : "content-encoding";
  const std::string_view encoding = ViewOf((*request)[encoding_header]);
  if (!encoding.empty() && encoding != "identity") {
    return Unimplemented(
        fmt::format("requests are not compressed here, also not by {}: leave out "
                    "{}",
                    Quoted(encoding), encoding_header));
  }
  if (is_stream) {
    ASSIGN_OR_RETURN(call.request.body, OpenEnvelope(request->body()));
  } else {
    call.request.body = std::move(request->body());
  }
  return call;
}

absl::StatusOr<RoutedCall> ReadGet(InboundRequest* request) {
  RoutedCall call;
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
  call.format.is_json = encoding == "json";
  call.request.body = query["message"];
  if (query["base64"] != "1") return call;
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(call.request.body, &decoded)) {
    return InvalidArgument("BAD_REQUEST", "message is not URL-safe base64, as base64=1 says");
  }
  call.request.body = std::move(decoded);
  return call;
}

}  // namespace

Route RouteOf(const InboundRequest& request, const Dispatcher& dispatcher) {
  Route route;
  const std::string_view path = PathOf(request);
  const bool is_get = request.method() == http::verb::get || request.method() == http::verb::head;
  if (path == "/" || path == "/healthz" || path == "/readyz") {
    route.text = path == "/" ? kWelcome : "ok\n";
    route.is_readiness = path == "/readyz";
    if (!is_get) {
      route.http_status = 405;
      route.text = "only GET is answered here\n";
      route.allow = "GET, HEAD";
    }
    return route;
  }
  std::string name(path.substr(1));
  std::replace(name.begin(), name.end(), '/', '.');
  const Method* const method = dispatcher.Find(name);
  if (method == nullptr) {
    route.http_status = 404;
    route.content_type = kJson;
    route.text = ConnectError(Unimplemented(
        fmt::format("there is no {} here: a method is /colophon.v1.SERVICE/METHOD, and / says what "
                    "else there is",
                    Quoted(path))));
    return route;
  }
  const bool may_get = !HasSideEffects(*method) && !method->descriptor->server_streaming();
  route.allow = may_get ? "GET, POST" : "POST";
  if (request.method() == http::verb::options) {
    route.http_status = 204;
    route.is_preflight = true;
    return route;
  }
  if (request.method() == http::verb::post || (may_get && request.method() == http::verb::get)) {
    route.method = method;
    return route;
  }
  route.http_status = 405;
  route.text = fmt::format("{} is called by {}\n", method->name, route.allow);
  return route;
}

absl::StatusOr<RoutedCall> ReadCall(const Route& route, InboundRequest* request) {
  const bool is_get = request->method() == http::verb::get;
  ASSIGN_OR_RETURN(RoutedCall call, is_get ? ReadGet(request) : ReadPost(*route.method, request));
  const auto version = (*request)["connect-protocol-version"];
  if (!version.empty() && version != "1") {
    return InvalidArgument("BAD_REQUEST",
                           fmt::format("Connect-Protocol-Version is {}: version 1 is spoken here",
                                       Quoted(ViewOf(version))));
  }
  if (request->count(kCallerHeader) > 1) {
    return InvalidArgument("BAD_CALLER",
                           "header \"colophon-caller\" is there more than once; send it once");
  }
  if (request->count(kCallerHeader) == 1) {
    call.request.caller = std::string((*request)[kCallerHeader]);
  }
  call.request.traceparent = std::string((*request)["traceparent"]);
  call.request.is_json = call.format.is_json;
  if (const auto given = (*request)["connect-timeout-ms"]; !given.empty()) {
    const auto timeout = ReadTimeout(ViewOf(given));
    if (!timeout) {
      return InvalidArgument("BAD_REQUEST",
                             fmt::format("Connect-Timeout-Ms is {}: it is a number of milliseconds "
                                         "with at most 10 digits",
                                         Quoted(ViewOf(given))));
    }
    call.request.timeout = *timeout;
  }
  return call;
}

bool IsLocalName(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else if (std::count(host.begin(), host.end(), ':') == 1) {
    host = host.substr(0, host.find(':'));
  }
  if (host == "localhost") return true;
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(host), error);
  return !error;
}

}  // namespace colophon
