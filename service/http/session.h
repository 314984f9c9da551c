#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/beast/http/string_body.hpp"
#include "service/api/dispatcher.h"
#include "service/api/git_service.h"
#include "service/base/task.h"
#include "service/http/git_answer.h"
#include "service/http/http_stream.h"
#include "service/http/inbound_call.h"
#include "service/http/method_caller.h"
#include "service/http/request_reader.h"
#include "service/http/responses.h"
#include "service/http/routed_call.h"
#include "service/http/routes.h"

namespace colophon {

// One client's connection: HTTP/1.1, one request after the other, pipelined ones in their
// order. What is ambiguous in its framing is refused, and the connection ended.
//
// Its life is the task Run, on one Loop, where everything else is called too.
class HttpSession final : public std::enable_shared_from_this<HttpSession> {
 public:
  using Socket = HttpStream::Socket;
  using Request = InboundRequest;
  using Response = OutboundResponse;

  // `tls` null: plain text.
  HttpSession(Socket socket, const std::shared_ptr<boost::asio::ssl::context>& tls,
              Dispatcher* dispatcher, GitService* git, const HttpRules* rules);

  // Until the client or the server ends it.
  Task<void> Run();
  // Ends it now; a call that runs is told.
  void Close();

 private:
  BodyRules RulesOfBody(const Request& header);
  // False: the connection is over.
  Task<bool> Serve(Request request, bool keep_alive);
  Task<bool> ServeMetrics(const Route& route, const Request& request, bool keep_alive);
  // What is answered from more than one method, or in other words than its own.
  Task<bool> ServeLookUp(const Route& route, const Request& request, bool keep_alive);
  Task<bool> RespondTo(const Request& request, Response response, bool keep_alive);
  Task<bool> ServeText(const Route& route, const Request& request, bool keep_alive);
  Task<absl::Status> SendGit(const Route& route, Request* request, const Call& call, bool* goes_on);
  Task<bool> ServeGit(const Route& route, Request request, bool keep_alive);
  Task<bool> ServeCall(const Route& route, RoutedCall routed, const Request& request,
                       bool keep_alive);
  Task<bool> ServeUnary(const std::shared_ptr<InboundCall>& call, const Route& route,
                        const Request& request, bool keep_alive);
  Task<bool> ServeStream(const std::shared_ptr<InboundCall>& call, const Route& route,
                         const Request& request, bool keep_alive);
  Task<absl::StatusOr<std::string>> Encode(const std::shared_ptr<InboundCall>& call,
                                           std::shared_ptr<Answer> answer);

  // Answers that end the connection, for what can't be gone on from.
  Task<void> Refuse(const RequestReader::Result& refused);
  Task<bool> Respond(Response response, bool keep_alive);
  // The same with the length that it says.
  Task<bool> Send(Response response, bool keep_alive);
  Task<bool> WriteStreamHead(Response head, const Request& request, bool keep_alive);
  Task<bool> WriteStreamEnd(const Request& request);
  Task<bool> WriteStream(const Request& request, std::string bytes);
  // For calls that the request needs beside its own.
  Peer peer() const { return {address_, certificate_name_}; }
  MethodCaller NewCaller(InboundCallOptions options);
  // Looks whether the client goes away while its call is served.
  void Watch();
  // The same, when there is something to read that waits for its turn.
  void WatchBehindUnread();
  // What is served is in vain.
  void Leave();

  HttpStream stream_;
  Dispatcher* const dispatcher_;
  GitService* const git_;
  const HttpRules& rules_;
  const std::string address_;
  std::string certificate_name_;  // See Credentials; constant after the handshake.
  RequestReader reader_;
  // That is served; else null.
  std::shared_ptr<InboundCall> call_;
  GitAnswer* git_answer_ = nullptr;
  std::unique_ptr<GitService::RequestRoom> git_room_;  // Of the request that is read and served.
  bool watching_ = false;
  boost::asio::steady_timer watch_timer_;
  bool closed_ = false;
};

}  // namespace colophon
