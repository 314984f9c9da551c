#include "service/provider/http_transfer.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "boost/asio/as_tuple.hpp"
#include "fmt/format.h"
#include "service/provider/provider_error.h"

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

// What decides which connections may carry the same requests.
std::string OriginOf(const HttpRequest& request) {
  const size_t host = request.url.find("://");
  const size_t path = host == request.url.npos ? host : request.url.find('/', host + 3);
  return request.url.substr(0, path) + " " + request.ca_file + request.egress.key();
}

// Of the connection that the exchange has just now; null without TLS.
const SSL* TlsOf(CURL* easy) {
  const curl_tlssessioninfo* session = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == nullptr ||
      session->backend != CURLSSLBACKEND_OPENSSL) {
    return nullptr;
  }
  return static_cast<const SSL*>(session->internals);
}

bool SpeaksHttp2(const SSL* tls) {
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  if (tls != nullptr) SSL_get0_alpn_selected(tls, &name, &length);
  return length == 2 && name[0] == 'h' && name[1] == '2';
}

uint64_t BytesReadOf(const SSL* tls) { return BIO_number_read(SSL_get_rbio(tls)); }

// Bytes that the kernel holds for a reader, or that the other side hasn't
// acknowledged.
int CountOf(int fd, unsigned long which) {
  int count = 0;
  return ioctl(fd, which, &count) == 0 ? count : 0;
}

// "HTTP/1.1 200 OK" → 200
int StatusOf(std::string_view line) {
  int status = 0;
  const size_t at = line.find(' ');
  if (at != line.npos) std::from_chars(line.data() + at + 1, line.data() + line.size(), status);
  return status;
}

}  // namespace

HttpTransfer::HttpTransfer(boost::asio::io_context& context, HttpRequest request)
    : request_(std::move(request)),
      origin_(OriginOf(request_)),
      start_(Clock::now()),
      wake_timer_(context),
      limit_timer_(context) {
  for (const std::string& header : request_.headers) {
    headers_ = curl_slist_append(headers_, header.c_str());
  }
  // Else libcurl asks before a large body, and waits a second for the answer.
  headers_ = curl_slist_append(headers_, "Expect:");
  // Nothing is asked for; what a server compresses all the same is decoded.
  headers_ = curl_slist_append(headers_, "Accept-Encoding:");
}

HttpTransfer::~HttpTransfer() { curl_slist_free_all(headers_); }

void HttpTransfer::Attach(CURL* easy, HttpConnections* connections) {
  easy_ = easy;
  connections_ = connections;
  choice_ = std::exchange(wants_fresh_, false)
                ? connections->Fresh(origin_, request_.keep_connection)
                : connections->Choose(origin_, request_.keep_connection, request_.allow_http2);
  fault_ = absl::OkStatus();
  error_[0] = '\0';
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
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
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
  curl_easy_setopt(easy, CURLOPT_ADDRESS_SCOPE, choice_.place);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, choice_.kept == nullptr ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, choice_.keep ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN,
                   static_cast<long>(HttpConnections::kLongestRest.count() + 1));
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &HttpTransfer::OnOpen);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  // Of the connection: it outlives this transfer.
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &HttpTransfer::OnClose);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, connections);
  // For OnNote; nothing of it is shown.
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &HttpTransfer::OnNote);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &HttpTransfer::OnRequest);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
}

CURL* HttpTransfer::Detach() {
  if (choice_.kept) connections_->Release(std::exchange(choice_.kept, nullptr));
  if (connection_) connections_->Release(std::exchange(connection_, nullptr));
  connections_->EndAttempts(choice_);
  connections_ = nullptr;
  return std::exchange(easy_, nullptr);
}

curl_socket_t HttpTransfer::OnOpen(void* self, curlsocktype, curl_sockaddr* address) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  // What the host's name means now; libcurl goes on to its other addresses.
  const std::optional<IpAddress> ip = IpOf(&address->addr);
  if (!ip || !transfer->request_.egress.Allows(*ip)) {
    transfer->refused_address_ = ip ? TextOf(*ip) : "no address of IP";
    return CURL_SOCKET_BAD;
  }
  return transfer->connections_->Open(*address, transfer->origin_, transfer->choice_);
}

int HttpTransfer::OnClose(void* connections, curl_socket_t fd) {
  static_cast<HttpConnections*>(connections)->Closed(fd);
  return 0;
}

int HttpTransfer::OnRequest(void* self, char*, char*, int, int local_port) {
  return static_cast<HttpTransfer*>(self)->BeginRequest(local_port) ? CURL_PREREQFUNC_OK
                                                                    : CURL_PREREQFUNC_ABORT;
}

// The last look at the connection; when this returns true libcurl writes the
// request at once. What reaches us between the look and the write, and what is on
// its way to us by then, is told from an answer by IsEarly.
bool HttpTransfer::BeginRequest(int local_port) {
  // libcurl would send a request again when a kept connection closes before a
  // byte of the answer, and nobody would know that the provider may have had it
  // twice.
  long sent = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &sent);
  if (sent > 0) {
    fault_ = Unavailable("PROVIDER_CUT",
                         "closed a connection that was kept open without an answer: whether it "
                         "took the request isn't known");
    return false;
  }
  // libcurl may have lost one connection before it wrote anything.
  if (connection_ != nullptr) connections_->Release(connection_);
  connection_ = connections_->Find(choice_.place, local_port);
  if (connection_ == nullptr) {
    wants_fresh_ = choice_.kept != nullptr;
    fault_ = Unavailable("PROVIDER_UNREACHABLE", "can't be reached: its connection was lost");
    return false;
  }
  connections_->Claim(*connection_);
  const SSL* tls = TlsOf(easy_);
  const bool is_http2 = SpeaksHttp2(tls);
  const bool is_fresh = connection_->request_count == 0;
  if (!is_http2) {
    // What TLS sends by itself after its handshake may be unread on a fresh one.
    const bool spoke = (tls != nullptr && SSL_has_pending(tls) != 0) ||
                       ((tls == nullptr || !is_fresh) && connections_->HasSpoken(*connection_));
    if (spoke) {
      wants_fresh_ = !is_fresh;
      fault_ = Unavailable("PROVIDER_MALFORMED",
                           "doesn't speak HTTP: it says something, or closes, before it is asked");
      return false;
    }
    if (tls != nullptr) tls_bytes_before_ = BytesReadOf(tls) + CountOf(connection_->fd, FIONREAD);
  } else if (request_.keep_connection) {
    curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 0L);  // Whatever we think of HTTP/1.1 there.
  }
  connection_request_count_ = connection_->request_count;
  connections_->Begin(connection_, is_http2);
  connected_at_ = Clock::now();
  LimitsChanged();
  return true;
}

// True when the answer that begins now was sent by somebody who didn't have the
// request. Every segment of TCP says what its sender has got, and who answers a
// request has got all of it: so as long as a byte of it isn't acknowledged, what
// comes is no answer to it. But a refusal may come before the end of what it
// refuses (413), and on a fresh connection it can't be another request's.
//
// What remains: a word out of turn that its sender sends when he has the request
// already. Nothing in HTTP/1.1 tells it from the answer; that is why a connection
// rests before it is used again.
bool HttpTransfer::IsEarly(int status) const {
  if (connection_ == nullptr || connection_->is_http2) return false;
  if (const SSL* tls = TlsOf(easy_); tls != nullptr && BytesReadOf(tls) <= tls_bytes_before_) {
    return true;
  }
  if (connection_request_count_ == 0 && status >= 400) return false;
  curl_off_t uploaded = 0;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  return uploaded < static_cast<curl_off_t>(request_.body.size()) ||
         CountOf(connection_->fd, TIOCOUTQ) > 0;
}

// Something was odd; no other request goes over this connection.
void HttpTransfer::UseOnce() {
  if (connection_ == nullptr || connection_->is_http2) return;
  curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
}

// libcurl throws away what stands behind an answer in the same read, and says so
// only here. (After a body with a length it closes the connection, too.)
int HttpTransfer::OnNote(CURL*, curl_infotype type, char* text, size_t size, void* self) {
  const std::string_view note(text, size);
  if (type != CURLINFO_TEXT ||
      (!note.starts_with("Leftovers after chunking") && !note.starts_with("Excess found"))) {
    return 0;
  }
  auto* transfer = static_cast<HttpTransfer*>(self);
  transfer->UseOnce();
  transfer->connections_->Distrust(transfer->origin_);
  return 0;
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
    const int status = StatusOf(line);
    if (IsEarly(status)) {
      connections_->Distrust(origin_);
      fault_ = Unavailable("PROVIDER_CUT",
                           "answered before it had the request, so it is no answer to it; whether "
                           "it took the request isn't known");
      return 0;
    }
    // After a refusal that may be another request's, or of a connection that
    // waited too long (408), the answer may yet come. Interim answers weren't
    // asked for.
    if (status / 100 == 1 || (status / 100 != 2 && connection_request_count_ != 0)) UseOnce();
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
    UseOnce();  // The answer was at its end.
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
  fault_ = TooMuch(what, limit);
  return 0;
}

absl::Status HttpTransfer::Explain(CURLcode result) const {
  if (!fault_.ok()) return fault_;
  if (result == CURLE_OK && has_head_) return absl::OkStatus();  // An end in them is OK, too.
  const std::string_view text = result == CURLE_OK  ? "the connection was closed in the headers"
                                : error_[0] != '\0' ? error_
                                                    : curl_easy_strerror(result);
  switch (result) {
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9: bytes without a status line.
    case CURLE_WEIRD_SERVER_REPLY:
      return Unavailable("PROVIDER_MALFORMED", fmt::format("doesn't speak HTTP: {}", text));
    case CURLE_BAD_CONTENT_ENCODING:
      return Unavailable(
          "PROVIDER_MALFORMED",
          fmt::format("answers with content-encoding \"{}\", which can't be decoded: {}",
                      head_.Header("content-encoding"), text));
    case CURLE_OUT_OF_MEMORY:
      // Said of one header over libcurl's own limit of 100 KiB, too.
      if (connected_at_ && !has_head_) {
        return TooMuch("header", request_.limits.max_header_bytes);
      }
      break;
    default:
      break;
  }
  if (connected_at_) {
    return Unavailable("PROVIDER_CUT", fmt::format("broke off after {} bytes of its answer: {}",
                                                   body_bytes_, text));
  }
  if (!refused_address_.empty()) return Egress::Refuse(refused_address_);
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
  if (paused_ || !unread_.empty()) UseOnce();
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
    return LimitPassed("total", limits.total, "did not finish its answer");
  }
  if (!connected_at_) return LimitPassed("connect", limits.connect, "did not take a connection");
  if (!last_byte_at_)
    return LimitPassed("first_byte", limits.first_byte, "did not begin to answer");
  return LimitPassed("idle", limits.idle, "sent nothing more");
}

}  // namespace colophon
