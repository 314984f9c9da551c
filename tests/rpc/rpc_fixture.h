#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "colophon/v1/admin.grpc.pb.h"
#include "colophon/v1/completion.grpc.pb.h"
#include "colophon/v1/record.grpc.pb.h"
#include "colophon/v1/registry.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/channel_arguments.h"
#include "service/server.h"
#include "tests/testing/matchers.h"
#include "tests/testing/scripted_provider.h"
#include "tests/testing/temp_dir.h"

namespace colophon {

// What a client reads of an answer: code, message, and the payloads in the
// details. INTERNAL when code or message in the details differ.
absl::Status FromGrpc(const grpc::Status& status);

template <class Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// A server on a port of its own with real RocksDB, and stubs on one connection.
// The provider "scripted" answers as told.
class RpcFixture : public testing::Test {
 protected:
  using Metadata = std::vector<std::pair<std::string, std::string>>;

  // Starts a server by `options_`; data and listen are set there.
  void SetUp() override;
  void TearDown() override;
  void Start();
  // Stops the server and starts one on the same data.
  void Restart();

  // What `scripted/…` answers. To be called before the server starts.
  void Script(std::vector<colophon::Script> scripts) { scripts_ = std::move(scripts); }

  std::shared_ptr<grpc::Channel> NewChannel(grpc::ChannelArguments arguments = {});

  template <class Stub, class Request, class Response>
  static absl::StatusOr<Response> Call(
      Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      const std::type_identity_t<Request>& request, const Metadata& metadata = {}) {
    grpc::ClientContext context;
    Prepare(&context, metadata);
    Response response;
    absl::Status status = FromGrpc((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // Bounded by a deadline, so that no test hangs.
  static void Prepare(grpc::ClientContext* context, const Metadata& metadata = {});

  void CreateRepository(const std::string& name = "acme");
  // Publishes one file of acme and points @production of its prompt at it.
  v1::Change Publish(const std::string& prompt, const std::string& text);
  v1::Change MoveLabel(const std::string& name, int version);

  TempDir directory_;
  ServerOptions options_;
  std::vector<colophon::Script> scripts_ = {Says({"Hello", " there"})};
  std::unique_ptr<Server> server_;
  ScriptedProvider* provider_ = nullptr;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::RegistryService::Stub> registry_;
  std::unique_ptr<v1::CompletionService::Stub> completion_;
  std::unique_ptr<v1::RecordService::Stub> record_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

// One row of a table of failures.
struct Failure {
  std::string what;
  absl::Status status;
  absl::StatusCode code;
  std::string reason;
};
void ExpectFailures(const std::vector<Failure>& failures);

inline constexpr char kGreeting[] =
    "---\nmodel: scripted/small\ncolophon:\n  overrides: [model]\n---\nGreet {{name}}.\n";

}  // namespace colophon
