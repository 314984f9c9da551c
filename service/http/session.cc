#include "service/http/session.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "boost/asio/as_tuple.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/http/chunk_encode.hpp"
#include "boost/beast/http/empty_body.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/serializer.hpp"
#include "boost/beast/http/write.hpp"
#include "fmt/format.h"
#include "google/protobuf/message.h"
#include "service/base/log.h"
#include "service/base/reference.h"
#include "service/http/connect_wire.h"
#include "service/http/git_answer.h"
#include "service/http/models.h"
#include "service/http/responses.h"
#include "service/http/stored_responses.h"

namespace colophon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// Who takes nothing of an answer for so long does not listen.
constexpr auto kWriteTime = std::chrono::seconds(60);
// Of a refused request: is read, so that the client reads its answer before it learns
// that it is cut off.
constexpr auto kLingerTime = std::chrono::seconds(2);
// As a request's header: TLS's first words come at once.
constexpr auto kHandshakeTime = std::chrono::seconds(20);
// How often it is looked whether a client is gone, while what it sent last is unread.
constexpr auto kWatchPause = std::chrono::milliseconds(250);
constexpr size_t kMaxLingerBytes = 1 << 20;
constexpr int64_t kMaxUnadmittedBytes = 64 << 10;

std::string AddressOf(const HttpSession::Socket& socket) {
  beast::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? "" : endpoint.address().to_string();
}

}  // namespace

HttpSession::HttpSession(Socket socket, const std::shared_ptr<asio::ssl::context>& tls,
                         Dispatcher* dispatcher, GitService* git, const HttpRules* rules)
    : stream_(std::move(socket), tls),
      dispatcher_(dispatcher),
      git_(git),
      rules_(*rules),
      address_(AddressOf(stream_.socket())),
      reader_(&stream_, [this](const Request& header) { return RulesOfBody(header); }),
      watch_timer_(stream_.get_executor()) {}

Task<void> HttpSession::Run() {
  const auto self = shared_from_this();
  stream_.expires_after(kHandshakeTime);
  if (const auto failed = co_await stream_.Handshake(); failed) {
    Log(LogLevel::kDebug, LogLine("event", "tls_handshake_failed")
                              .Add("address", address_)
                              .Add("message", failed.message()));
    Close();
    co_return;
  }
  certificate_name_ = stream_.CertificateName();
  while (!closed_) {
    RequestReader::Result next = co_await reader_.Next();
    if (next.is_gone) break;
    if (next.refused_with != 0) {
      co_await Refuse(next);
      break;
    }
    const bool goes_on = co_await Serve(*std::move(next.request), next.keep_alive);
    git_room_ = nullptr;
    if (!goes_on) break;
  }
  if (!closed_) {
    stream_.expires_after(kLingerTime);
    co_await stream_.SayGoodbye();
  }
  Close();
}

BodyRules HttpSession::RulesOfBody(const Request& header) {
  const BodyRules message = {.max_bytes = rules_.max_message_bytes,
                             .limit = "max_message_bytes in the configuration"};
  if (!IsForGit(header)) return message;
  const Route route = RouteOf(header, *dispatcher_);
  if (!route.git) return message;
  // Who isn't let in takes nobody's room; Serve tells it why.
  if (!ReadCaller(header, peer(), dispatcher_->keys()).ok()) {
    return {.max_bytes = kMaxUnadmittedBytes, .limit = "send a key, and the request again"};
  }
  const bool is_push = route.git->is_push();
  git_room_ = git_->MakeRoom(is_push);
  if (git_room_ == nullptr) {
    return {.refusal = is_push ? "many push at this moment; try again a little later"
                               : "many fetch at this moment; try again a little later",
            .refused_with = 503};
  }
  if (!is_push)
    return {.max_bytes = GitService::kMaxWishBytes, .limit = "fetch fewer refs at once"};
  return {.max_bytes = GitService::kMaxPushBytes,
          .limit = "push the commits in parts",
          .time = std::chrono::minutes(5)};
}

void HttpSession::Close() {
  closed_ = true;
  Leave();
  watch_timer_.cancel();
  stream_.Close();
}

Task<bool> HttpSession::Serve(Request request, bool keep_alive) {
  const Route route = RouteOf(request, *dispatcher_);
  if (absl::Status allowed = CheckWhoAsks(rules_, request); !allowed.ok()) {
    co_return co_await Respond(ErrorResponse(rules_, route, request, allowed), keep_alive);
  }
  if (route.models || route.response) {
    co_return co_await ServeLookUp(route, request, keep_alive);
  }
  if (route.git) co_return co_await ServeGit(route, std::move(request), keep_alive);
  if (route.is_metrics && route.http_status == 200) {
    co_return co_await ServeMetrics(route, request, keep_alive);
  }
  if (route.method == nullptr && route.new_shape == nullptr) {
    co_return co_await ServeText(route, request, keep_alive);
  }
  absl::StatusOr<RoutedCall> call = absl::CancelledError();
  const auto read = [&] { return ReadCall(route, *dispatcher_, &request, peer()); };
  if (route.new_shape != nullptr && request.body().size() > kLargeBytes) {
    call = co_await RunOn(*dispatcher_->workers(), address_, read, Workers::Order::kNext);
  } else {
    call = read();
  }
  if (!call.ok()) {
    // Who isn't let in is told that first.
    const absl::Status let_in = ReadCaller(request, peer(), dispatcher_->keys()).status();
    const absl::Status& why = let_in.ok() ? call.status() : let_in;
    co_return co_await Respond(ErrorResponse(rules_, route, request, why), keep_alive);
  }
  if (call->shape != nullptr) {
    MethodCaller caller = NewCaller(call->options);
    const absl::Status previous = co_await ReadPrevious(caller, &*call);
    call_ = nullptr;
    if (!previous.ok()) {
      co_return co_await Respond(ErrorResponse(rules_, route, request, previous), keep_alive);
    }
  }
  co_return co_await ServeCall(route, *std::move(call), request, keep_alive);
}

Task<bool> HttpSession::ServeText(const Route& route, const Request& request, bool keep_alive) {
  co_return co_await RespondTo(request, TextResponse(rules_, route, request), keep_alive);
}

// Of HEAD, without its body.
Task<bool> HttpSession::RespondTo(const Request& request, Response response, bool keep_alive) {
  if (request.method() != http::verb::head) {
    co_return co_await Respond(std::move(response), keep_alive);
  }
  response.content_length(std::exchange(response.body(), {}).size());
  co_return co_await Send(std::move(response), keep_alive);
}

Task<bool> HttpSession::ServeMetrics(const Route& route, const Request& request, bool keep_alive) {
  absl::StatusOr<std::string> text = absl::CancelledError();
  absl::StatusOr<Call> call = ReadCaller(request, peer(), dispatcher_->keys());
  if (call.ok()) {
    const auto write = [&] { return rules_.write_metrics(*call); };
    text = co_await RunOn(*dispatcher_->workers(), call->caller, write);
  } else {
    text = call.status();
  }
  if (!text.ok()) {
    co_return co_await Respond(ErrorResponse(rules_, route, request, text.status()), keep_alive);
  }
  Response response = NewResponse(rules_, request, 200, *std::move(text), route.content_type);
  co_return co_await RespondTo(request, std::move(response), keep_alive);
}

Task<bool> HttpSession::ServeLookUp(const Route& route, const Request& request, bool keep_alive) {
  absl::StatusOr<InboundCallOptions> options = ReadCallHeaders(request, peer());
  if (!options.ok()) {
    co_return co_await Respond(ErrorResponse(rules_, route, request, options.status()), keep_alive);
  }
  MethodCaller caller = NewCaller(*std::move(options));
  absl::StatusOr<std::string> body = absl::CancelledError();
  if (route.response) {
    body = co_await GetResponse(caller, *route.response, std::string(request.target()));
  } else if (route.models->empty()) {
    body = co_await ListModels(caller);
  } else {
    body = co_await GetModel(caller, *route.models);
  }
  call_ = nullptr;
  Response response = body.ok() ? NewResponse(rules_, request, 200, *body, "application/json")
                                : ErrorResponse(rules_, route, request, body.status());
  const bool goes_on = co_await Respond(std::move(response), keep_alive);
  co_return (goes_on && !closed_);
}

Task<bool> HttpSession::ServeGit(const Route& route, Request request, bool keep_alive) {
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<Call> call = ReadCaller(request, peer(), dispatcher_->keys());
  if (call.ok() && call->permissions != nullptr) {
    if (absl::Status turn = call->permissions->TakeTurn(); !turn.ok()) call = turn;
  }
  absl::Status status = call.status();
  bool goes_on = keep_alive;
  if (call.ok()) {
    status = co_await SendGit(route, &request, *call, &goes_on);
  } else {
    goes_on = co_await Respond(ErrorResponse(rules_, route, request, status), keep_alive);
  }
  git_->NoteAnswer(route.git->repository, route.git->service, call.ok() ? call->caller : address_,
                   status, absl::FromChrono(std::chrono::steady_clock::now() - start));
  co_return goes_on;
}

// A program's answer goes out as it comes; what it doesn't end well is cut off, so that the
// client can't take it for whole. `goes_on`: whether the connection may, and in the end does.
Task<absl::Status> HttpSession::SendGit(const Route& route, Request* request, const Call& call,
                                        bool* goes_on) {
  const bool keep_alive = *goes_on && request->version() != 10;
  absl::StatusOr<std::unique_ptr<GitAnswer>> answer =
      co_await AnswerGit(git_, *route.git, request, call);
  if (!answer.ok()) {
    *goes_on = co_await Respond(ErrorResponse(rules_, route, *request, answer.status()), *goes_on);
    co_return answer.status();
  }
  *goes_on = false;
  GitAnswer& git = **answer;
  git_answer_ = &git;
  const absl::Cleanup done = [this] { git_answer_ = nullptr; };
  Watch();
  Response head = NewResponse(rules_, *request, 200, "", git.content_type);
  head.set(http::field::cache_control, "no-cache, max-age=0, must-revalidate");
  bool is_there = co_await WriteStreamHead(std::move(head), *request, keep_alive);
  for (std::string piece = std::move(git.body); is_there;) {
    if (!piece.empty()) is_there = co_await WriteStream(*request, std::move(piece));
    if (!is_there || !git.has_more()) break;
    piece = co_await git.Next();
    if (piece.empty()) break;
  }
  if (!is_there) co_return absl::CancelledError("the client went away");
  if (git.has_more()) CO_RETURN_IF_ERROR(co_await git.Finish());
  *goes_on = co_await WriteStreamEnd(*request) && keep_alive && !closed_;
  co_return absl::OkStatus();
}

Task<bool> HttpSession::ServeCall(const Route& route, RoutedCall routed, const Request& request,
                                  bool keep_alive) {
  const absl::Duration timeout = routed.options.timeout;
  const bool is_stream = routed.dialect->is_stream();
  const auto call = std::make_shared<InboundCall>(
      routed.method, dispatcher_->counters(), std::move(routed.dialect), std::move(routed.options));
  call_ = call;
  Watch();
  asio::steady_timer deadline(stream_.get_executor());
  if (timeout != absl::InfiniteDuration()) {
    deadline.expires_after(absl::ToChronoNanoseconds(timeout));
    deadline.async_wait([call](beast::error_code error) {
      if (!error) call->Leave();
    });
  }
  dispatcher_->Serve(call);
  const bool goes_on = is_stream ? co_await ServeStream(call, route, request, keep_alive)
                                 : co_await ServeUnary(call, route, request, keep_alive);
  call_ = nullptr;
  co_return goes_on && !closed_;
}

Task<bool> HttpSession::ServeUnary(const std::shared_ptr<InboundCall>& call, const Route& route,
                                   const Request& request, bool keep_alive) {
  InboundCall::Event event = co_await call->Next();
  absl::Status status = call->StatusOfEnd(event);
  Response response;
  if (status.ok()) {
    absl::StatusOr<std::string> body =
        co_await Encode(call, std::make_shared<Answer>(std::move(event.message)));
    status = body.status();
    if (body.ok()) {
      response =
          NewResponse(rules_, request, 200, *std::move(body), call->dialect().content_type());
    }
  }
  if (!status.ok()) response = ErrorResponse(rules_, route, request, status);
  AddCallHeaders(route, call.get(), &response.base());
  co_return co_await Respond(std::move(response), keep_alive);
}

// The head goes out with the first bytes, so that what fails before them may have an HTTP
// status of its own.
Task<bool> HttpSession::ServeStream(const std::shared_ptr<InboundCall>& call, const Route& route,
                                    const Request& request, bool keep_alive) {
  if (request.version() == 10) keep_alive = false;
  Dialect& dialect = call->dialect();
  bool has_begun = false;
  bool is_there = true;
  for (bool is_over = false; !is_over;) {
    InboundCall::Event event = co_await call->Next();
    is_over = event.is_end;
    absl::Status status = call->StatusOfEnd(event);
    std::vector<std::string> said;
    if (event.has_message && status.ok() && is_there) {
      absl::StatusOr<std::string> message =
          co_await Encode(call, std::make_shared<Answer>(std::move(event.message)));
      status = message.status();
      if (message.ok()) said.push_back(*std::move(message));
    }
    if (is_over && !status.ok() && !has_begun && !dialect.fails_within_stream()) {
      Response response = ErrorResponse(rules_, route, request, status);
      AddCallHeaders(route, call.get(), &response.base());
      co_return co_await Respond(std::move(response), keep_alive);
    }
    if (is_over) said.push_back(dialect.WriteEnd(status));
    for (std::string& bytes : said) {
      if (bytes.empty() || !is_there) continue;
      if (!std::exchange(has_begun, true)) {
        Response head = NewResponse(rules_, request, 200, "", dialect.content_type());
        AddCallHeaders(route, call.get(), &head.base());
        is_there = co_await WriteStreamHead(std::move(head), request, keep_alive);
      }
      if (is_there) is_there = co_await WriteStream(request, std::move(bytes));
    }
    if (event.written) event.written(is_there && status.ok());
    if (!is_there) call->Leave();
  }
  if (is_there) is_there = co_await WriteStreamEnd(request);
  co_return (is_there && keep_alive);
}

Task<bool> HttpSession::WriteStreamEnd(const Request& request) {
  if (request.version() == 10) co_return true;
  stream_.expires_after(kWriteTime);
  auto [error, written] = co_await asio::async_write(stream_, http::make_chunk_last(), kAwait);
  co_return !error;
}

Task<bool> HttpSession::WriteStreamHead(Response head, const Request& request, bool keep_alive) {
  http::response<http::empty_body> header(std::move(head.base()));
  header.chunked(request.version() == 11);
  header.keep_alive(keep_alive);
  http::response_serializer<http::empty_body> serializer(header);
  stream_.expires_after(kWriteTime);
  auto [error, bytes] = co_await http::async_write_header(stream_, serializer, kAwait);
  co_return !error;
}

Task<bool> HttpSession::WriteStream(const Request& request, std::string bytes) {
  stream_.expires_after(kWriteTime);
  if (request.version() == 10) {
    auto [error, written] = co_await asio::async_write(stream_, asio::buffer(bytes), kAwait);
    co_return !error;
  }
  auto [error, written] =
      co_await asio::async_write(stream_, http::make_chunk(asio::buffer(bytes)), kAwait);
  co_return !error;
}

Task<absl::StatusOr<std::string>> HttpSession::Encode(const std::shared_ptr<InboundCall>& call,
                                                      std::shared_ptr<Answer> answer) {
  const auto encode = [call, answer] { return call->dialect().Write(*answer); };
  if (answer->ByteSize() <= kLargeBytes) co_return encode();
  absl::StatusOr<std::string> encoded =
      co_await RunOn(*dispatcher_->workers(), call->call().caller, encode, Workers::Order::kNext);
  co_return encoded;
}

Task<void> HttpSession::Refuse(const RequestReader::Result& refused) {
  Request none;
  none.version(11);
  Route route;
  if (refused.request) route = RouteOf(*refused.request, *dispatcher_);
  Response response =
      ErrorResponse(rules_, route, none, InvalidArgument("BAD_REQUEST", refused.fault));
  response.result(refused.refused_with);
  co_await Respond(std::move(response), false);
  stream_.expires_after(kLingerTime);
  co_await stream_.ReadOut(kMaxLingerBytes);
}

Task<bool> HttpSession::Respond(Response response, bool keep_alive) {
  response.prepare_payload();
  co_return co_await Send(std::move(response), keep_alive);
}

Task<bool> HttpSession::Send(Response response, bool keep_alive) {
  response.keep_alive(keep_alive);
  stream_.expires_after(kWriteTime);
  auto [error, bytes] = co_await http::async_write(stream_, response, kAwait);
  co_return !error && keep_alive;
}

MethodCaller HttpSession::NewCaller(InboundCallOptions options) {
  return MethodCaller(dispatcher_, std::move(options), [this](std::shared_ptr<InboundCall> call) {
    call_ = std::move(call);
    Watch();
  });
}

void HttpSession::Watch() {
  if (std::exchange(watching_, true)) return;
  stream_.socket().async_wait(
      Socket::wait_read, [this, self = shared_from_this()](beast::error_code error) {
        watching_ = false;
        if (error || (call_ == nullptr && git_answer_ == nullptr)) return;
        char next;
        const ssize_t got =
            recv(stream_.socket().native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
        const bool is_gone = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
        if (got < 0 && !is_gone) return Watch();  // What woke it was read meanwhile.
        if (is_gone) return Leave();
        // What there is to read is the next request: who sends one waits for this answer. Or
        // it is TLS's farewell, which can't be told from one before it is decrypted.
        if (stream_.has_tls()) WatchBehindUnread();
      });
}

// Behind a farewell a client ends what it sends, and behind a request it doesn't.
void HttpSession::WatchBehindUnread() {
  watching_ = true;
  watch_timer_.expires_after(kWatchPause);
  watch_timer_.async_wait([this, self = shared_from_this()](beast::error_code error) {
    watching_ = false;
    if (error || (call_ == nullptr && git_answer_ == nullptr)) return;
    if (stream_.IsEndedByClient()) return Leave();
    Watch();
  });
}

void HttpSession::Leave() {
  if (call_ != nullptr) call_->Leave();
  if (git_answer_ != nullptr) git_answer_->Cancel();
}

}  // namespace colophon
