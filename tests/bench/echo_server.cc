// A bare gRPC server with the callback API, which answers every call with the
// same bytes: what gRPC itself costs.

#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/synchronization/mutex.h"
#include "fmt/format.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/support/byte_buffer.h"
#include "tests/bench/echo.grpc.pb.h"

namespace colophon::bench {
namespace {

// As a service is usually written: messages are parsed and serialized.
class EchoService final : public Echo::CallbackService {
 public:
  explicit EchoService(std::string answer) : answer_(std::move(answer)) {}

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const EchoMessage* request,
                                 EchoMessage* response) override {
    response->set_payload(answer_.empty() ? request->payload() : answer_);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const std::string answer_;
};

// The fastest that gRPC 1.51 has: one serialized answer, shared by all calls.
class RawEchoService final : public Echo::WithRawCallbackMethod_Call<Echo::CallbackService> {
 public:
  explicit RawEchoService(const std::string& answer) {
    EchoMessage message;
    message.set_payload(answer);
    const grpc::Slice slice(message.SerializeAsString());
    answer_ = grpc::ByteBuffer(&slice, 1);
  }

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                 grpc::ByteBuffer* response) override {
    *response = answer_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  grpc::ByteBuffer answer_;
};

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

int Serve(grpc::Service* service, const std::string& port_file) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    fmt::print(stderr, "can't listen on 127.0.0.1\n");
    return 1;
  }
  std::ofstream(port_file + ".new") << port << "\n";
  std::filesystem::rename(port_file + ".new", port_file);

  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return 0;
}

}  // namespace
}  // namespace colophon::bench

int main(int argc, char** argv) {
  // Debian's absl looks for lock cycles at every lock unless told not to, a
  // tenth of a call's time and more; this is the limit.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CLI::App app("The bare gRPC server that benchmarks compare with");
  std::string port_file;
  std::string answer_file;
  bool raw = false;
  app.add_option("--port-file", port_file, "Where to write the port")->required();
  app.add_option("--answer", answer_file, "File of the payload to answer; default: the request's");
  app.add_flag("--raw", raw, "Answer ready-made bytes instead of messages");
  CLI11_PARSE(app, argc, argv);

  const std::string answer = answer_file.empty() ? "" : colophon::bench::ReadAll(answer_file);
  if (raw) {
    colophon::bench::RawEchoService service(answer);
    return colophon::bench::Serve(&service, port_file);
  }
  colophon::bench::EchoService service(answer);
  return colophon::bench::Serve(&service, port_file);
}
