#include "service/http/request_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "boost/asio/as_tuple.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "fmt/format.h"

namespace colophon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr size_t kReadBytes = 4 << 10;
constexpr size_t kMaxHeaderBytes = 16 << 10;
// The first request has to begin soon, the next ones may take their time; once it has
// begun, the header comes at once. Who is slower is cut off.
constexpr auto kFirstTime = std::chrono::seconds(20);
constexpr auto kIdleTime = std::chrono::seconds(120);
constexpr auto kHeaderTime = std::chrono::seconds(20);

std::string_view ViewOf(beast::string_view text) { return {text.data(), text.size()}; }

std::string_view ViewOf(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.cdata().data()), buffer.size()};
}

// Behind the empty line, looked for from a place on; 0 when there is none. A line that
// ends without CR is found too, so that it is refused at once.
size_t EndOfHeader(std::string_view text, size_t from) {
  for (size_t at = text.find('\n', from); at != text.npos; at = text.find('\n', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return 0;
}

// All methods that there are do: what doesn't is TLS, or no HTTP at all.
bool BeginsWithAMethod(std::string_view text) { return text[0] >= 'A' && text[0] <= 'Z'; }

// What Beast would let pass, in the bytes of a header.
std::string_view FaultOfBytes(std::string_view header) {
  if (!BeginsWithAMethod(header)) return "a request begins with its method";
  for (size_t i = 0; i < header.size(); ++i) {
    const char next = i + 1 < header.size() ? header[i + 1] : '\0';
    if (header[i] == '\0') return "a header has no NUL";
    if (header[i] == '\r' && next != '\n') return "a CR is followed by LF";
    if (header[i] != '\n') continue;
    if (i == 0 || header[i - 1] != '\r') return "a line ends with CR LF";
    if (next == ' ' || next == '\t') return "a header's field is one line";
  }
  return "";
}

std::string_view FaultOfFraming(const InboundRequest& request) {
  if (request.version() != 11 && request.version() != 10) return "only HTTP/1.1 is spoken here";
  const auto hosts = request.count(http::field::host);
  if (hosts > 1 || (request.version() == 11 && hosts == 0)) {
    return "a request has exactly one Host";
  }
  const auto lengths = request.count(http::field::content_length);
  const auto codings = request.count(http::field::transfer_encoding);
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) {
    return "a request says its length once, by Content-Length or Transfer-Encoding";
  }
  // Beast takes "2, 2" for 2.
  const std::string_view length = ViewOf(request[http::field::content_length]);
  if (length.find_first_not_of("0123456789") != length.npos) return "a length is digits";
  if (codings > 0 && (request.version() == 10 ||
                      !beast::iequals(request[http::field::transfer_encoding], "chunked"))) {
    return "the only Transfer-Encoding is chunked, of HTTP/1.1";
  }
  if (!ViewOf(request.target()).starts_with('/')) return "a request's target begins with /";
  return "";
}

int64_t FieldCount(const RequestReader::Parser& parser) {
  return std::distance(parser.get().begin(), parser.get().end());
}

RequestReader::Result Refused(unsigned http_status, std::string_view fault) {
  RequestReader::Result result;
  result.refused_with = http_status;
  result.fault = fault;
  return result;
}

RequestReader::Result RefusedBy(const beast::error_code& error, const BodyRules& rules) {
  if (error == http::error::body_limit) {
    return Refused(413, fmt::format("a request's body has at most {} bytes: {}", rules.max_bytes,
                                    rules.limit));
  }
  if (error == beast::error::timeout) {
    return Refused(408, "the request didn't come to its end in time");
  }
  const bool is_of_http = error.category() == make_error_code(http::error::bad_value).category();
  if (!is_of_http || error == http::error::partial_message) return {};
  return Refused(400, fmt::format("this is no HTTP/1.1 request: {}", error.message()));
}

}  // namespace

Task<RequestReader::Result> RequestReader::Next() {
  beast::error_code error;
  const size_t header_bytes = co_await ReadHeader(&error);
  if (error) {
    // A client that has said nothing waits for no answer.
    Result gone = RefusedBy(error, {});
    if (buffer_.size() == 0 || gone.refused_with == 0) gone = {.is_gone = true};
    co_return gone;
  }
  if (header_bytes == 0) {
    co_return Refused(431, fmt::format("a request's header has at most {} bytes", kMaxHeaderBytes));
  }
  const std::string_view header = ViewOf(buffer_).substr(0, header_bytes);
  if (const auto fault = FaultOfBytes(header); !fault.empty()) co_return Refused(400, fault);

  Parser parser;
  parser.header_limit(kMaxHeaderBytes);
  parser.body_limit(boost::none);
  parser.eager(false);
  buffer_.consume(parser.put(asio::buffer(header.data(), header.size()), error));
  if (!error && !parser.is_header_done()) error = http::error::bad_value;
  if (error) co_return RefusedBy(error, {});
  if (const auto fault = FaultOfFraming(parser.get()); !fault.empty()) {
    co_return Refused(400, fault);
  }
  Result result;
  if (!parser.is_done()) result = co_await ReadBody(&parser);
  result.keep_alive = parser.keep_alive();
  result.request = parser.release();
  co_return result;
}

Task<RequestReader::Result> RequestReader::ReadBody(Parser* parser) {
  const BodyRules rules = body_rules_(parser->get());
  if (rules.refused_with != 0) co_return Refused(rules.refused_with, rules.refusal);
  const auto max_bytes = static_cast<uint64_t>(rules.max_bytes);
  parser->body_limit(max_bytes);
  // Beast has looked at the length already, when there was no limit.
  if (parser->content_length().value_or(0) > max_bytes) {
    co_return RefusedBy(http::error::body_limit, rules);
  }
  stream_.expires_after(rules.time);
  const int64_t fields = FieldCount(*parser);
  if (beast::iequals(parser->get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    auto [failed, written] = co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait);
    if (failed) co_return RefusedBy(failed, rules);
  }
  parser->eager(true);
  auto [failed, read] = co_await http::async_read(stream_, buffer_, *parser, kAwait);
  Result result;
  if (failed) {
    result = RefusedBy(failed, rules);
    // Gone: nobody is there to be refused.
    if (result.refused_with == 0) result.is_gone = true;
  } else if (FieldCount(*parser) != fields) {
    // They would come after what has already been decided by the header.
    result = Refused(400, "a chunked body has no trailers");
  }
  co_return result;
}

Task<size_t> RequestReader::ReadHeader(beast::error_code* failed) {
  if (buffer_.size() == 0) {
    buffer_.shrink_to_fit();  // An idle connection holds little.
    stream_.expires_after(std::exchange(is_first_, false) ? kFirstTime : kIdleTime);
  } else {
    stream_.expires_after(kHeaderTime);
  }
  size_t looked_at = 0;
  while (true) {
    const std::string_view text = ViewOf(buffer_).substr(0, kMaxHeaderBytes);
    const size_t end = EndOfHeader(text, looked_at);
    if (end > 0) co_return end;
    if (!text.empty() && !BeginsWithAMethod(text)) co_return text.size();
    if (text.size() == kMaxHeaderBytes) co_return 0;
    looked_at = text.size() - std::min<size_t>(text.size(), 2);
    const bool is_begun = !text.empty();
    auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kAwait);
    buffer_.commit(bytes);
    if (error) {
      *failed = error;
      co_return 0;
    }
    if (!is_begun) stream_.expires_after(kHeaderTime);
  }
}

}  // namespace colophon
