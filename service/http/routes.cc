#include "service/http/routes.h"

#include <algorithm>
#include <utility>

#include "boost/asio/ip/address.hpp"
#include "fmt/format.h"
#include "google/protobuf/descriptor.pb.h"
#include "service/base/percent.h"
#include "service/base/reference.h"
#include "service/http/connect_wire.h"

namespace colophon {
namespace {

namespace http = boost::beast::http;

constexpr char kJson[] = "application/json";

constexpr std::string_view kWelcome =
    "Colophon: prompts as versions, and which version wrote what.\n"
    "\n"
    "  POST /colophon.v1.RegistryService/GetVersion   every method as JSON, by the Connect\n"
    "                                                 protocol: {\"name\": "
    "\"acme/support/triage\"}\n"
    "  POST /v1/chat/completions                      a completion in OpenAI's shape: \"model\" "
    "is\n"
    "                                                 \"acme/support/triage@v12\"\n"
    "  POST /v1/responses                             the same, by OpenAI's Responses API\n"
    "  POST /v1/messages                              the same in Anthropic's\n"
    "  GET  /v1/models                                prompts, as its models\n"
    "  git clone http://HOST/REPOSITORY.git           a repository, by git\n"
    "  GET  /healthz, /readyz, /metrics               it runs; it takes calls; for Prometheus\n";

std::string_view ViewOf(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string_view PathOf(const InboundRequest& request) {
  const std::string_view target = ViewOf(request.target());
  return target.substr(0, target.find('?'));
}

absl::Status Unimplemented(std::string_view message) {
  return Error(absl::StatusCode::kUnimplemented, "NOT_IMPLEMENTED", message);
}

bool HasSideEffects(const Method& method) {
  return method.descriptor->options().idempotency_level() !=
         google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

struct ShapeRoute {
  std::string_view path;
  Route::NewShape new_shape;
  shape::Api api;
  bool counts = false;
};

constexpr ShapeRoute kShapes[] = {
    {"/v1/chat/completions", shape::NewOpenAiChat, shape::Api::kOpenAi},
    {"/v1/responses", shape::NewOpenAiResponses, shape::Api::kOpenAi},
    {"/v1/messages", shape::NewAnthropicMessages, shape::Api::kAnthropic},
    {"/v1/messages/count_tokens", shape::NewAnthropicMessages, shape::Api::kAnthropic, true},
};

constexpr std::string_view kModels = "/v1/models";
constexpr std::string_view kResponses = "/v1/responses/";
// Prometheus' exposition format.
constexpr std::string_view kMetricsText = "text/plain; version=0.0.4; charset=utf-8";

// Of an endpoint that takes one verb, and got another.
void AllowOnly(const char* verb, const InboundRequest& request, Route* route) {
  route->allow = verb;
  if (request.method() == http::verb::options) {
    route->http_status = 204;
    route->is_preflight = true;
  } else {
    route->http_status = 405;
    route->content_type = kJson;
    route->text = WriteError(
        *route, InvalidArgument("BAD_REQUEST",
                                fmt::format("{} is called by {}", Quoted(PathOf(request)), verb)));
  }
}

// "/acme.git/info/refs" → "acme" and "info/refs"; no repository's name has a point.
std::optional<std::pair<std::string_view, std::string_view>> SplitGitPath(std::string_view path) {
  const size_t end = path.find(".git/");
  if (end == std::string_view::npos || path.find('/', 1) < end) return std::nullopt;
  return std::pair(path.substr(1, end - 1), path.substr(end + std::string_view(".git/").size()));
}

// Its errors are plain text, which git's clients show.
Route GitRouteOf(std::string_view repository, std::string_view rest,
                 const InboundRequest& request) {
  Route route;
  route.is_text = true;
  constexpr std::string_view kServices[] = {"git-upload-pack", "git-receive-pack"};
  const bool is_advertisement = rest == "info/refs";
  std::string_view service = rest;
  if (is_advertisement) {
    const std::string_view target = ViewOf(request.target());
    constexpr std::string_view kQuery = "?service=";
    const size_t query = target.find(kQuery);
    service = query == target.npos ? "" : target.substr(query + kQuery.size());
  }
  const bool is_service =
      std::find(std::begin(kServices), std::end(kServices), service) != std::end(kServices);
  if (is_advertisement && !is_service) {
    route.http_status = 403;
    route.text = "git is spoken by smart HTTP: ask with git 1.6.6 or newer\n";
  } else if (!is_service) {
    route.http_status = 404;
    route.text = fmt::format("{} isn't served: git asks for info/refs\n", Quoted(rest));
  } else if (request.method() != (is_advertisement ? http::verb::get : http::verb::post)) {
    route.allow = is_advertisement ? "GET" : "POST";
    route.http_status = 405;
    route.text = fmt::format("{} is called by {}\n", rest, route.allow);
  } else {
    route.git = {std::string(repository), std::string(service), is_advertisement};
  }
  return route;
}

}  // namespace

bool IsForGit(const InboundRequest& request) { return SplitGitPath(PathOf(request)).has_value(); }

Route RouteOf(const InboundRequest& request, const Dispatcher& dispatcher) {
  Route route;
  const std::string_view path = PathOf(request);
  const bool is_get = request.method() == http::verb::get || request.method() == http::verb::head;
  if (path == "/" || path == "/healthz" || path == "/readyz" || path == "/metrics") {
    route.text = path == "/" ? kWelcome : "ok\n";
    route.is_readiness = path == "/readyz";
    route.is_metrics = path == "/metrics";
    if (route.is_metrics) route.content_type = kMetricsText;
    if (!is_get) {
      route.http_status = 405;
      route.text = "only GET is answered here\n";
      route.allow = "GET, HEAD";
    }
    return route;
  }
  for (const ShapeRoute& shape : kShapes) {
    if (shape.path != path) continue;
    route.api = shape.api;
    if (request.method() == http::verb::post) {
      route.new_shape = shape.new_shape;
      route.counts = shape.counts;
    } else {
      AllowOnly("POST", request, &route);
    }
    return route;
  }
  if (path == kModels || path.starts_with(std::string(kModels) + "/")) {
    route.api = request["anthropic-version"].empty() ? shape::Api::kOpenAi : shape::Api::kAnthropic;
    const std::string_view name = path.substr(std::min(path.size(), kModels.size() + 1));
    if (request.method() == http::verb::get) {
      route.models = PercentDecoded(name);
    } else {
      AllowOnly("GET", request, &route);
    }
    return route;
  }
  if (path.starts_with(kResponses)) {
    route.api = shape::Api::kOpenAi;
    if (request.method() == http::verb::get) {
      route.response = PercentDecoded(path.substr(kResponses.size()));
    } else {
      AllowOnly("GET", request, &route);
    }
    return route;
  }
  if (const auto git = SplitGitPath(path)) return GitRouteOf(git->first, git->second, request);
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

std::string WriteError(const Route& route, const absl::Status& status) {
  if (route.is_text) return MessageOf(status) + "\n";
  return route.api ? shape::WriteError(*route.api, status) : ConnectError(status);
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
