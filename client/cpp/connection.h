#pragma once

// Private to the client: what copies of one Client share, and how a call is
// made. Only client.cc includes it, because gRPC's headers take long.

#include <memory>
#include <mutex>
#include <random>
#include <string>

#include "client/cpp/options.h"
#include "client/cpp/status.h"
#include "client/cpp/stream.h"
#include "colophon/v1/admin.grpc.pb.h"
#include "colophon/v1/completion.grpc.pb.h"
#include "colophon/v1/record.grpc.pb.h"
#include "colophon/v1/registry.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "service/base/ids.h"
#include "service/base/status.h"

namespace colophon {

// By the steady clock, which nobody sets.
gpr_timespec AfterNow(absl::Duration timeout);

// Thread-safe.
class Connection {
 public:
  explicit Connection(ClientOptions options);

  const ClientOptions& options() const { return options_; }
  // INVALID_ARGUMENT BAD_ADDRESS, BAD_TLS_FILE: no call can be made.
  const absl::Status& channel_status() const { return channel_status_; }

  bool WaitForConnection(absl::Duration timeout);
  // gRPC fails calls at once after a connection has failed, and between calls
  // nobody looks whether the next one succeeded. So who calls then looks first.
  void LookForConnection();

  // Makes a unary call, and makes it again where that is safe.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request, const CallOptions& call, Repeat repeat,
                                absl::Duration default_timeout) {
    RETURN_IF_ERROR(channel_status_);
    const absl::Duration timeout = call.timeout.value_or(default_timeout);
    const absl::Duration deadline = options_.clock->Steady() + timeout;
    RetryPolicy policy = options_.retry;
    if (call.max_attempts) policy.max_attempts = *call.max_attempts;
    LookForConnection();
    Response response;
    const absl::Status status = Retry(policy, environment_, repeat, deadline, [&] {
      grpc::ClientContext context;
      Prepare(call, deadline - options_.clock->Steady(), &context);
      response.Clear();
      return Explain((stub.*method)(&context, request, &response), timeout);
    });
    if (!status.ok()) return Check(status, request);
    return response;
  }

  // A change: with a request id of its own it is done once, however often it
  // is sent.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Write(Stub& stub,
                                 grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                                 const Request& request, const CallOptions& call) {
    if (IsDryRun(request)) {
      return Call(stub, method, request, call, Repeat::kRead, options_.timeout);
    }
    if (!request.request_id().empty()) {
      return Call(stub, method, request, call, Repeat::kWrite, options_.timeout);
    }
    Request identified = request;
    identified.set_request_id(ids_.NewId());
    return Call(stub, method, identified, call, Repeat::kWrite, options_.timeout);
  }

  // Sets metadata and the deadline, `timeout` from now.
  void Prepare(const CallOptions& call, absl::Duration timeout, grpc::ClientContext* context) const;
  // What a refusal means when the request holds what no server can read.
  static absl::Status Check(const absl::Status& status, const google::protobuf::Message& request);
  // FromGrpc, with the server's address in what gRPC itself says.
  absl::Status Explain(const grpc::Status& status, absl::Duration timeout) const;

  v1::RegistryService::Stub& registry() { return *registry_; }
  v1::CompletionService::Stub& completion() { return *completion_; }
  v1::RecordService::Stub& record() { return *record_; }
  v1::AdminService::Stub& admin() { return *admin_; }

 private:
  // Between attempts: no longer than until there is a connection again.
  void Sleep(absl::Duration delay);

  template <class Request>
  static bool IsDryRun(const Request& request) {
    if constexpr (requires { request.validate_only(); }) return request.validate_only();
    return false;
  }

  // Constant after construction.
  const ClientOptions options_;
  absl::Status channel_status_;
  RetryEnvironment environment_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::RegistryService::Stub> registry_;
  std::unique_ptr<v1::CompletionService::Stub> completion_;
  std::unique_ptr<v1::RecordService::Stub> record_;
  std::unique_ptr<v1::AdminService::Stub> admin_;

  // Thread-safe.
  IdGenerator ids_;
};

// A streaming call over a completion queue of its own: unlike gRPC's blocking
// reader it can wait for a limited time.
template <class Message>
class StreamCall : public Stream<Message>::Source {
 public:
  // `start(context, queue)` is the stub's PrepareAsync….
  template <class Start>
  StreamCall(std::shared_ptr<Connection> connection, const CallOptions& call,
             absl::Duration timeout, Start start);
  ~StreamCall() override;

  ReadResult Read(Message* message, absl::Duration timeout) override;
  absl::Status Finish() override;
  void Cancel() override { context_.TryCancel(); }

 private:
  enum class State { kStarting, kIdle, kReading, kEnded, kFinished };

  // Constant after construction.
  const std::shared_ptr<Connection> connection_;
  const absl::Duration timeout_;

  // The reading thread's; TryCancel is thread-safe.
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReader<Message>> reader_;
  Message next_;
  State state_ = State::kStarting;
  absl::Status status_;
};

template <class Message>
template <class Start>
StreamCall<Message>::StreamCall(std::shared_ptr<Connection> connection, const CallOptions& call,
                                absl::Duration timeout, Start start)
    : connection_(std::move(connection)), timeout_(timeout) {
  if (!connection_->channel_status().ok()) {
    state_ = State::kFinished;
    status_ = connection_->channel_status();
    return;
  }
  connection_->LookForConnection();
  connection_->Prepare(call, timeout, &context_);
  reader_ = start(&context_, &queue_);
  reader_->StartCall(this);
}

template <class Message>
StreamCall<Message>::~StreamCall() {
  Finish().IgnoreError();
  queue_.Shutdown();
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
  }
}

template <class Message>
ReadResult StreamCall<Message>::Read(Message* message, absl::Duration timeout) {
  const gpr_timespec until = AfterNow(timeout);
  while (state_ != State::kEnded && state_ != State::kFinished) {
    if (state_ == State::kIdle) {
      reader_->Read(&next_, this);
      state_ = State::kReading;
    }
    void* tag;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, until) == grpc::CompletionQueue::TIMEOUT) {
      return ReadResult::kTimeout;
    }
    const bool was_reading = state_ == State::kReading;
    state_ = ok ? State::kIdle : State::kEnded;
    if (was_reading && ok) {
      message->Swap(&next_);
      return ReadResult::kMessage;
    }
  }
  return ReadResult::kEnd;
}

template <class Message>
absl::Status StreamCall<Message>::Finish() {
  if (state_ == State::kFinished) return status_;
  void* tag;
  bool ok;
  if (state_ != State::kEnded) {
    context_.TryCancel();
    // The start or the read that is under way comes back before the status.
    if (state_ != State::kIdle) queue_.Next(&tag, &ok);
  }
  grpc::Status status;
  reader_->Finish(&status, this);
  queue_.Next(&tag, &ok);
  state_ = State::kFinished;
  status_ = connection_->Explain(status, timeout_);
  return status_;
}

}  // namespace colophon
