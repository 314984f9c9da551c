#pragma once

// Git's smart HTTP protocol (git's Documentation/gitprotocol-http):
//
//   GET  /REPOSITORY.git/info/refs?service=git-upload-pack     what there is
//   POST /REPOSITORY.git/git-upload-pack                       send me that of it
//   GET  /REPOSITORY.git/info/refs?service=git-receive-pack    what there is to push on
//   POST /REPOSITORY.git/git-receive-pack                      take this

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "boost/asio/posix/stream_descriptor.hpp"
#include "service/api/git_service.h"
#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/http/routes.h"

namespace colophon {

// What goes out: `body`, and then what a program writes, as long as it runs.
//
// Used by one task.
class GitAnswer {
 public:
  std::string content_type;
  std::string body;

  // False: there is nothing but the body.
  bool has_more() const { return fetch_ != nullptr; }
  // The next piece; empty at the end.
  Task<std::string> Next();
  // After the end: how it went; CANCELLED when nobody takes it. What isn't OK must not look
  // whole to the client.
  Task<absl::Status> Finish();

  // Nobody takes it any more: what waits for the program goes on, and finds its end.
  void Cancel();

  // REQUIRES: on the Loop that uses the answer.
  void Follow(std::unique_ptr<GitService::Fetch> fetch, boost::asio::any_io_executor executor);

 private:
  std::unique_ptr<GitService::Fetch> fetch_;
  std::optional<boost::asio::posix::stream_descriptor> output_;
  std::optional<boost::asio::posix::stream_descriptor> end_;
  std::array<char, 32 << 10> buffer_;
  bool is_cancelled_ = false;
};

// Who asks: the name in its certificate, else as the request's headers say, else `address`.
// INVALID_ARGUMENT BAD_CALLER, BAD_REQUEST.
absl::StatusOr<Call> ReadGitCall(const InboundRequest& request, const std::string& address,
                                 const std::string& certificate_name);

// The answer to a request whose route is git's; takes its body. INVALID_ARGUMENT BAD_REQUEST
// and those of GitService.
Task<absl::StatusOr<std::unique_ptr<GitAnswer>>> AnswerGit(GitService* service,
                                                           const GitRoute& route,
                                                           InboundRequest* request, Call call);

}  // namespace colophon
