#include "service/rpc/grpc_server.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "service/rpc/grpc_service.h"
#include "service/rpc/listener.h"
#include "service/rpc/message.h"
#include "service/rpc/reflection.h"
#include "service/rpc/reset_limit.h"
#include "service/rpc/tls_credentials.h"

namespace colophon {
namespace {

// What gRPC may hold for all connections before it closes some: room for
// 10,000 streams and for many of the largest messages.
constexpr size_t kMemoryQuotaBytes = 1 << 30;
constexpr auto kKeepaliveTime = std::chrono::seconds(60);
constexpr auto kKeepaliveTimeout = std::chrono::seconds(20);
constexpr auto kMinClientPingInterval = std::chrono::seconds(10);
// What is read of a connection at once, gRPC begins whatever has become of the
// connection: of its own 4 MiB that's 27,000 small calls.
constexpr int kMaxReadBytes = 256 << 10;
// A connection that didn't say hello, that has had no call, that is old: its place
// may be somebody else's. The calls on an old one go on to their end.
constexpr auto kHandshakeTimeout = std::chrono::seconds(20);
constexpr auto kMaxConnectionIdle = std::chrono::minutes(5);
constexpr auto kMaxConnectionAge = std::chrono::hours(1);

// Calls that a connection may take back, for each that it may have open: an app that
// gives up all of its calls, makes them again and gives up those is honest.
constexpr int kResetsAtOncePerStream = 2;
constexpr double kResetsASecondPerStream = 0.5;
constexpr int kFewStreams = 100;  // Counts as so many.

int Milliseconds(std::chrono::milliseconds duration) { return static_cast<int>(duration.count()); }

void SetChannelOptions(grpc::ServerBuilder* builder, const GrpcServerOptions& options) {
  // Whatever its size, gRPC takes a message in whole before it looks; then we say
  // what is wrong with it. What all of them may take together, the quota bounds.
  builder->SetMaxReceiveMessageSize(-1);
  builder->SetMaxSendMessageSize(static_cast<int>(kMaxAnswerBytes));
  // It would unpack them before it looks at any size.
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder->SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  builder->SetResourceQuota(grpc::ResourceQuota("colophond").Resize(kMemoryQuotaBytes));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams_per_connection);
  builder->AddChannelArgument(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kMaxReadBytes);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                              Milliseconds(kHandshakeTimeout));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(kMaxConnectionIdle));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(kMaxConnectionAge));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepaliveTime));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kKeepaliveTimeout));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              Milliseconds(kMinClientPingInterval));
}

std::vector<const google::protobuf::ServiceDescriptor*> ServicesOf(const Dispatcher& dispatcher) {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const Method& method : dispatcher.methods()) {
    const auto* const service = method.descriptor->service();
    if (std::find(services.begin(), services.end(), service) == services.end()) {
      services.push_back(service);
    }
  }
  return services;
}

}  // namespace

// Members stand in order of dependency, so that they go in reverse.
class GrpcServer::Impl {
 public:
  Impl(const GrpcServerOptions& options, std::unique_ptr<Listener> listener)
      : options_(options), listener_(std::move(listener)) {
    const int streams = std::max(options.max_streams_per_connection, kFewStreams);
    resets_ = std::make_unique<ResetLimit>(
        kResetsAtOncePerStream * streams, static_cast<int>(kResetsASecondPerStream * streams),
        [this](const std::string& peer) { listener_->Disconnect(peer); });
    rules_.max_message_bytes = options.max_message_bytes;
    rules_.has_certificates = options.tls != nullptr && options.tls->asks_clients();
    rules_.on_taken_back = [this](const std::string& peer) { resets_->Count(peer); };
  }

  int port() const { return listener_->port(); }

  absl::Status Start(Dispatcher* dispatcher) {
    for (const auto* service : ServicesOf(*dispatcher)) {
      names_.push_back(service->full_name());
      services_.push_back(std::make_unique<GrpcService>(service, dispatcher, &rules_));
    }
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    reflection_ = NewReflectionService(names_);
    grpc::ServerBuilder builder;
    SetChannelOptions(&builder, options_);
    for (const auto& service : services_) builder.RegisterService(service.get());
    builder.RegisterService(reflection_.get());
    auto connections = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        options_.tls == nullptr ? grpc::InsecureServerCredentials()
                                : NewTlsCredentials(options_.tls));
    grpc_ = builder.BuildAndStart();
    if (grpc_ == nullptr) return Internal("gRPC doesn't start");
    {
      std::lock_guard lock(mu_);
      health_ = grpc_->GetHealthCheckService();
      SayServing();
    }
    return listener_->Start(std::move(connections));
  }

  void SetServing(bool serving) {
    std::lock_guard lock(mu_);
    serving_ = serving;
    if (health_ != nullptr) SayServing();
  }

  void Stop() {
    if (grpc_ == nullptr) return;
    listener_->Stop();
    // With more time it would wait for clients that are connected and idle to
    // answer its farewell, which those that don't poll never do.
    grpc_->Shutdown(std::chrono::system_clock::now());
    grpc_->Wait();
    std::lock_guard lock(mu_);
    health_ = nullptr;
    grpc_ = nullptr;
  }

 private:
  // REQUIRES: mu_ is held, and there is health_.
  void SayServing() {
    for (const std::string& name : names_) health_->SetServingStatus(name, serving_);
    health_->SetServingStatus(serving_);
  }

  const GrpcServerOptions options_;
  const std::unique_ptr<Listener> listener_;
  std::unique_ptr<ResetLimit> resets_;
  GrpcRules rules_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<GrpcService>> services_;
  std::unique_ptr<grpc::Service> reflection_;
  std::unique_ptr<grpc::Server> grpc_;

  std::mutex mu_;
  // Guarded by mu_.
  bool serving_ = true;
  grpc::HealthCheckServiceInterface* health_ = nullptr;  // grpc_'s own.
};

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Bind(const GrpcServerOptions& options) {
  ASSIGN_OR_RETURN(auto listener,
                   Listener::Bind(options.host, options.port, options.max_connections));
  auto impl = std::make_unique<Impl>(options, std::move(listener));
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(impl)));
}

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcServer::~GrpcServer() { Stop(); }

int GrpcServer::port() const { return impl_->port(); }
absl::Status GrpcServer::Start(Dispatcher* dispatcher) { return impl_->Start(dispatcher); }
void GrpcServer::SetServing(bool serving) { impl_->SetServing(serving); }
void GrpcServer::Stop() { impl_->Stop(); }

}  // namespace colophon
