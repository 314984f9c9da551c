#include "service/provider/http_transfer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "boost/asio/as_tuple.hpp"
#include "fmt/format.h"

namespace colophon {
namespace {

// What may still come of an answer that nobody reads any more.
constexpr int64_t kMaxDiscardedBytes = 64 << 10;
constexpr std::chrono::seconds kMaxDiscardTime{2};

// libcurl's buffers of a stream, as long as it is open. A piece is a few hundred
// bytes; the second is the least that libcurl takes.
constexpr long kStreamReadBytes = 2 << 10;
constexpr long kStreamWriteBytes = 16 << 10;

// Bounded, so that adding it to a time point can't overflow.
HttpTransfer::Clock::duration ToClock(absl::Duration duration) {
  constexpr absl::Duration kLongest = absl::Hours(24 * 365);
  return std::chrono::duration_cast<HttpTransfer::Clock::duration>(
      absl::ToChronoNanoseconds(std::clamp(duration, absl::ZeroDuration(), kLongest)));
}

absl::Status Timeout(std::string_view limit, absl::Duration after, std::string_view what) {
  return Error(absl::StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT",
               fmt::format("{} within {} (limit \"{}\"); try again, or raise the limit", what,
                           std::string(absl::FormatDuration(after)), limit),
               {{"limit", std::string(limit)}});
}

absl::Status TooLargeError(std::string_view what, int64_t limit) {
  return ResourceExhausted("PROVIDER_TOO_LARGE",
                           fmt::format("sends an answer whose {} is over the limit of {} bytes{}",
                                       what, limit, what == "body" ? " (max_response_bytes)" : ""));
}

}  // namespace

HttpTransfer::HttpTransfer(boost::asio::io_context& context, HttpRequest request)
    : request_(std::move(request)),
      start_(Clock::now()),
      wake_timer_(context),
      limit_timer_(context) {
  for (const std::string& header : request_.headers) {
    headers_ = curl_slist_append(headers_, header.c_str());
  }
  // Else libcurl asks before a large body, and waits a second for the answer.
  headers_ = curl_slist_append(headers_, "Expect:");
}

HttpTransfer::~HttpTransfer() { curl_slist_free_all(headers_); }

void HttpTransfer::Attach(CURL* easy) {
  easy_ = easy;
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request_.body.size()));
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // Not that of the environment.
  curl_easy_setopt(
      easy, CURLOPT_HTTP_VERSION,
      static_cast<long>(request_.allow_http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!request_.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, request_.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (request_.is_stream) {
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kStreamReadBytes);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kStreamWriteBytes);
  }
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Removing a handle whose name is being looked up would wait for the resolver.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  // Ours is the limit; libcurl's must not be nearer.
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 24L * 3600 * 1000);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpTransfer::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpTransfer::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &HttpTransfer::OnRequest);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
}

CURL* HttpTransfer::Detach() { return std::exchange(easy_, nullptr); }

// libcurl would send a request again when a pooled connection closes before a byte
// of the answer, and nobody would know that the provider may have had it twice.
int HttpTransfer::OnRequest(void* self, char*, char*, int, int) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  long sent = 0;
  curl_easy_getinfo(transfer->easy_, CURLINFO_REQUEST_SIZE, &sent);
  if (sent > 0) {
    transfer->fault_ =
        Unavailable("PROVIDER_CUT",
                    "closed a connection that was kept open without an answer: whether it took "
                    "the request isn't known");
    return CURL_PREREQFUNC_ABORT;
  }
  transfer->connected_at_ = Clock::now();
  transfer->LimitsChanged();
  return CURL_PREREQFUNC_OK;
}

size_t HttpTransfer::OnHeader(char* bytes, size_t size, size_t count, void* self) {
  return static_cast<HttpTransfer*>(self)->Header({bytes, size * count});
}

size_t HttpTransfer::OnBody(char* bytes, size_t size, size_t count, void* self) {
  return static_cast<HttpTransfer*>(self)->Body({bytes, size * count});
}

size_t HttpTransfer::Header(std::string_view line) {
  header_bytes_ += static_cast<int64_t>(line.size());
  if (header_bytes_ > request_.limits.max_header_bytes) {
    return TooLarge("header", request_.limits.max_header_bytes);
  }
  if (has_head_) return line.size();  // A trailer.
  const size_t length = line.size();
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    head_ = {};
  } else if (line.empty()) {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    head_.status = static_cast<int>(status);
    has_head_ = status / 100 != 1;
    if (has_head_) Wake();
  } else if (const size_t colon = line.find(':'); colon != line.npos) {
    std::string name(line.substr(0, colon));
    absl::AsciiStrToLower(&name);
    // libcurl takes the last one; where the answer ends must not be in doubt.
    if (name == "content-length" && !head_.Header(name).empty()) {
      fault_ = Unavailable("PROVIDER_MALFORMED",
                           "says the length of its answer (Content-Length) more than once");
      return 0;
    }
    std::string value(line.substr(colon + 1));
    absl::StripAsciiWhitespace(&value);
    head_.headers.emplace_back(std::move(name), std::move(value));
  }
  return length;
}

size_t HttpTransfer::Body(std::string_view bytes) {
  if (discard_left_) {
    *discard_left_ -= static_cast<int64_t>(bytes.size());
    return *discard_left_ < 0 ? 0 : bytes.size();
  }
  if (unread_.size() >= HttpCall::kMaxUnreadBytes) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  body_bytes_ += static_cast<int64_t>(bytes.size());
  if (body_bytes_ > request_.limits.max_body_bytes) {
    return TooLarge("body", request_.limits.max_body_bytes);
  }
  const bool first = !last_byte_at_;
  last_byte_at_ = Clock::now();
  if (first) LimitsChanged();
  unread_ += bytes;
  Wake();
  return bytes.size();
}

// The result refuses the bytes, which ends the transfer with CURLE_WRITE_ERROR.
size_t HttpTransfer::TooLarge(std::string_view what, int64_t limit) {
  fault_ = TooLargeError(what, limit);
  return 0;
}

absl::Status HttpTransfer::Explain(CURLcode result) const {
  if (!fault_.ok()) return fault_;
  // libcurl takes an end in the middle of the headers for a good one.
  if (result == CURLE_OK && has_head_) return absl::OkStatus();
  const std::string_view text = result == CURLE_OK  ? "the connection was closed in the headers"
                                : error_[0] != '\0' ? error_
                                                    : curl_easy_strerror(result);
  switch (result) {
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9: bytes without a status line.
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return Unavailable("PROVIDER_MALFORMED", fmt::format("doesn't speak HTTP: {}", text));
    case CURLE_OUT_OF_MEMORY:
      // Said of one header over libcurl's own limit of 100 KiB, too.
      if (connected_at_ && !has_head_) {
        return TooLargeError("header", request_.limits.max_header_bytes);
      }
      break;
    default:
      break;
  }
  if (connected_at_) {
    return Unavailable("PROVIDER_CUT", fmt::format("broke off after {} bytes of its answer: {}",
                                                   body_bytes_, text));
  }
  return Unavailable("PROVIDER_UNREACHABLE",
                     fmt::format("can't be reached: {}; check base_url and ca_file", text));
}

void HttpTransfer::End(absl::Status end) {
  ended_ = true;
  end_ = std::move(end);
  limits_changed = nullptr;
  limit_timer_.cancel();
  Wake();
}

std::string HttpTransfer::TakeUnread() { return std::exchange(unread_, {}); }

CURLcode HttpTransfer::Resume() {
  paused_ = false;
  last_byte_at_ = Clock::now();  // While nobody read, silence was not the server's.
  LimitsChanged();
  return curl_easy_pause(easy_, CURLPAUSE_CONT);
}

void HttpTransfer::Discard() {
  discard_left_ = kMaxDiscardedBytes;
  discard_until_ = Clock::now() + kMaxDiscardTime;
  unread_.clear();
  LimitsChanged();
}

Task<void> HttpTransfer::Wait() {
  if (!woken_) {
    wake_timer_.expires_at(Clock::time_point::max());
    co_await wake_timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  woken_ = false;
}

void HttpTransfer::Wake() {
  woken_ = true;
  wake_timer_.cancel();
}

void HttpTransfer::LimitsChanged() {
  if (limits_changed) limits_changed();
}

HttpTransfer::Clock::time_point HttpTransfer::NextLimit() const {
  const HttpLimits& limits = request_.limits;
  const Clock::time_point total = start_ + ToClock(limits.total);
  if (discard_left_) return std::min(total, discard_until_);
  if (!connected_at_) return std::min(total, start_ + ToClock(limits.connect));
  if (!last_byte_at_) return std::min(total, *connected_at_ + ToClock(limits.first_byte));
  if (paused_) return total;
  return std::min(total, *last_byte_at_ + ToClock(limits.idle));
}

absl::Status HttpTransfer::CheckLimits(Clock::time_point now) const {
  if (now < NextLimit()) return absl::OkStatus();
  const HttpLimits& limits = request_.limits;
  if (now >= start_ + ToClock(limits.total)) {
    return Timeout("total", limits.total, "did not finish its answer");
  }
  if (!connected_at_) return Timeout("connect", limits.connect, "did not take a connection");
  if (!last_byte_at_) return Timeout("first_byte", limits.first_byte, "did not begin to answer");
  return Timeout("idle", limits.idle, "sent nothing more");
}

}  // namespace colophon
