#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/string_body.hpp"
#include "service/base/task.h"
#include "service/http/http_stream.h"
#include "service/http/routes.h"

namespace colophon {

// How a request's body is read, said when its header is known.
struct BodyRules {
  int64_t max_bytes = 0;
  std::string_view limit;  // What has it: "max_message_bytes in the configuration".
  std::chrono::milliseconds time = std::chrono::seconds(60);
  // Not empty: it isn't read, and refused with this.
  std::string_view refusal;
  unsigned refused_with = 0;
};

// Reads the requests of a connection, one after the other. Pipelined ones wait in the
// kernel, or here, up to what one read brings.
//
// What is unclear in a request's framing, so that two programs in a row could read
// different requests, is refused: RFC 9112, with none of what it lets pass.
//
// Lives on the connection's Loop.
class RequestReader {
 public:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using BodyRulesOf = std::function<BodyRules(const InboundRequest& header)>;

  struct Result {
    // A request; when it is refused, its header, if that could be read.
    std::optional<InboundRequest> request;
    bool keep_alive = false;
    // Not 0: an answer to refuse it with, after which nothing can be read.
    unsigned refused_with = 0;
    std::string fault;
    bool is_gone = false;  // The client; there is nobody to answer.
  };

  RequestReader(HttpStream* stream, BodyRulesOf body_rules)
      : stream_(*stream), body_rules_(std::move(body_rules)) {}

  Task<Result> Next();

 private:
  // The rest of a request whose header is known; what is wrong with it.
  Task<Result> ReadBody(Parser* parser);
  // The size of the header at the beginning of buffer_, when it has come whole. 0: it is
  // longer than allowed, or, as `failed` says, the client is gone or too slow.
  Task<size_t> ReadHeader(boost::beast::error_code* failed);

  HttpStream& stream_;
  const BodyRulesOf body_rules_;
  boost::beast::flat_buffer buffer_;
  bool is_first_ = true;
};

}  // namespace colophon
