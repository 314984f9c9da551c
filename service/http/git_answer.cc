#include "service/http/git_answer.h"

#include <utility>

#include "boost/asio/as_tuple.hpp"
#include "boost/asio/buffer.hpp"
#include "boost/asio/this_coro.hpp"
#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/http/gzip.h"
#include "service/http/routed_call.h"

namespace colophon {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::string_view ViewOf(boost::beast::string_view text) { return {text.data(), text.size()}; }

absl::Status CheckRequest(const GitRoute& route, const InboundRequest& request) {
  if (route.is_advertisement) return absl::OkStatus();
  const std::string expected = fmt::format("application/x-{}-request", route.service);
  const std::string_view given = ViewOf(request[http::field::content_type]);
  if (given == expected) return absl::OkStatus();
  return InvalidArgument("BAD_REQUEST", fmt::format("the Content-Type is {}, not {}: ask with git",
                                                    Quoted(given), expected));
}

absl::StatusOr<std::string> BodyOf(InboundRequest* request, size_t max_bytes) {
  const std::string_view encoding = ViewOf((*request)[http::field::content_encoding]);
  if (encoding.empty() || encoding == "identity") return std::move(request->body());
  if (encoding == "gzip" || encoding == "x-gzip") return Gunzip(request->body(), max_bytes);
  return InvalidArgument(
      "BAD_REQUEST", fmt::format("the Content-Encoding is {}: git sends gzip", Quoted(encoding)));
}

absl::Status Cancelled() {
  return Error(absl::StatusCode::kCancelled, "CANCELLED", "the client went away");
}

}  // namespace

void GitAnswer::Follow(std::unique_ptr<GitService::Fetch> fetch,
                       boost::asio::any_io_executor executor) {
  fetch_ = std::move(fetch);
  output_.emplace(executor, fetch_->program().TakeOutput().Release());
  end_.emplace(executor, fetch_->program().TakeEnd().Release());
}

void GitAnswer::Cancel() {
  is_cancelled_ = true;
  boost::system::error_code ignored;
  if (output_) output_->cancel(ignored);
  if (end_) end_->cancel(ignored);
}

Task<std::string> GitAnswer::Next() {
  auto [error, bytes] = co_await output_->async_read_some(asio::buffer(buffer_), kAwait);
  co_return std::string(buffer_.data(), error ? 0 : bytes);
}

Task<absl::Status> GitAnswer::Finish() {
  if (is_cancelled_) co_return Cancelled();
  auto [error] = co_await end_->async_wait(asio::posix::stream_descriptor::wait_read, kAwait);
  co_return error ? Cancelled() : fetch_->Finish();
}

absl::StatusOr<Call> ReadGitCall(const InboundRequest& request, const std::string& address,
                                 const std::string& certificate_name) {
  ASSIGN_OR_RETURN(const InboundCallOptions options, ReadCallHeaders(request));
  Call call;
  call.caller = options.caller.value_or(address);
  call.certificate_name = certificate_name;
  if (!certificate_name.empty()) {
    RETURN_IF_ERROR(CheckCertificateName(certificate_name));
    call.caller = certificate_name;
  }
  call.traceparent = options.traceparent;
  RETURN_IF_ERROR(CheckCaller(call.caller));
  return call;
}

namespace {

Task<absl::StatusOr<std::string>> AnswerPush(GitService* service, const GitRoute& route,
                                             InboundRequest* request, const Call& call) {
  if (route.is_advertisement) {
    CO_ASSIGN_OR_RETURN(const std::string refs,
                        co_await service->AdvertiseForPush(route.repository, call));
    co_return GitService::ServiceHead(route.service) + refs;
  }
  absl::StatusOr<std::string> bytes = co_await RunOn(
      *service->workers(), call.caller, [&] { return BodyOf(request, GitService::kMaxPushBytes); });
  if (!bytes.ok()) co_return bytes.status();
  absl::StatusOr<std::string> report =
      co_await service->Push(route.repository, *std::move(bytes), call);
  co_return report;
}

}  // namespace

Task<absl::StatusOr<std::unique_ptr<GitAnswer>>> AnswerGit(GitService* service,
                                                           const GitRoute& route,
                                                           InboundRequest* request, Call call) {
  using Fetch = std::unique_ptr<GitService::Fetch>;
  CO_RETURN_IF_ERROR(CheckRequest(route, *request));
  auto answer = std::make_unique<GitAnswer>();
  const char* const kind = route.is_advertisement ? "advertisement" : "result";
  answer->content_type = fmt::format("application/x-{}-{}", route.service, kind);
  if (route.is_push()) {
    CO_ASSIGN_OR_RETURN(answer->body, co_await AnswerPush(service, route, request, call));
    co_return answer;
  }
  UploadPackOptions options;
  options.is_advertisement = route.is_advertisement;
  options.protocol = std::string((*request)["git-protocol"]);
  absl::StatusOr<Fetch> fetch =
      co_await RunOn(*service->workers(), call.caller, [&]() -> absl::StatusOr<Fetch> {
        ASSIGN_OR_RETURN(options.request, BodyOf(request, GitService::kMaxWishBytes));
        return service->StartFetch(route.repository, options, call);
      });
  if (!fetch.ok()) co_return fetch.status();
  // Of version 2 the program's own first line says what it is.
  const bool is_v2 = options.protocol.find("version=2") != std::string::npos;
  if (route.is_advertisement && !is_v2) answer->body = GitService::ServiceHead(route.service);
  answer->Follow(*std::move(fetch), co_await asio::this_coro::executor);
  co_return answer;
}

}  // namespace colophon
