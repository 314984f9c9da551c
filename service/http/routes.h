#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "boost/beast/http/message.hpp"
#include "boost/beast/http/string_body.hpp"
#include "service/api/dispatcher.h"
#include "service/shape/error_body.h"
#include "service/shape/shape.h"

namespace colophon {

// What a request is for.
//
//   POST /colophon.v1.SERVICE/METHOD     the method, by the Connect protocol
//   GET  /colophon.v1.SERVICE/METHOD?…   the same, for methods without side effects
//   POST /v1/chat/completions            a completion in OpenAI's shape
//   POST /v1/responses                   the same, by OpenAI's Responses API
//   GET  /v1/responses/RECORD            what a record keeps, in its words
//   POST /v1/messages                    the same in Anthropic's
//   POST /v1/messages/count_tokens       how many tokens such a call would read
//   GET  /v1/models, /v1/models/NAME     prompts, as models of OpenAI's and Anthropic's APIs
//   GET  /REPOSITORY.git/info/refs?…      git's smart HTTP: git_answer.h
//   POST /REPOSITORY.git/git-upload-pack, git-receive-pack
//   GET  /healthz /readyz /metrics /     plain text
//
// Without a method, a shape, models or git: what is answered.
struct GitRoute {
  std::string repository;
  std::string service;  // "git-upload-pack", "git-receive-pack"
  bool is_advertisement = false;

  bool is_push() const { return service == "git-receive-pack"; }
};

struct Route {
  using NewShape = absl::StatusOr<std::unique_ptr<shape::Shape>> (*)(shape::Request);

  const Method* method = nullptr;
  NewShape new_shape = nullptr;
  bool counts = false;                // How many tokens the shape's call would read; makes no call.
  std::optional<std::string> models;  // Which one; empty: all.
  std::optional<std::string> response;  // Of that record.
  std::optional<shape::Api> api;        // Whose errors are written; nullopt: Connect's.

  std::optional<GitRoute> git;

  unsigned http_status = 200;
  std::string text;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string allow;     // Of 405 and of a preflight.
  bool is_text = false;  // So are the route's errors.
  bool is_readiness = false;
  bool is_metrics = false;
  bool is_preflight = false;
};

using InboundRequest = boost::beast::http::request<boost::beast::http::string_body>;

// Whether it is for git's door: a look at its path.
bool IsForGit(const InboundRequest& request);

Route RouteOf(const InboundRequest& request, const Dispatcher& dispatcher);

// The body of an error.
std::string WriteError(const Route& route, const absl::Status& status);

// "localhost:8080", "127.0.0.1", "[::1]:8080": no name that somebody else may give.
bool IsLocalName(std::string_view host);

}  // namespace colophon
