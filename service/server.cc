#include "service/server.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include "fmt/format.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "service/completion/completer.h"
#include "service/completion/records.h"
#include "service/open_files.h"
#include "service/provider/providers.h"
#include "service/record/recorder.h"
#include "service/registry/registry.h"
#include "service/rpc/admin_service.h"
#include "service/rpc/completion_service.h"
#include "service/rpc/listener.h"
#include "service/rpc/message.h"
#include "service/rpc/record_service.h"
#include "service/rpc/registry_service.h"
#include "service/rpc/reset_limit.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "spdlog/spdlog.h"

namespace colophon {
namespace {

constexpr char kStoreFolder[] = "store";
constexpr char kBackupFolder[] = "backups";

// What reads the disk or takes long: so much runs at once, and may wait.
constexpr int kMinWorkers = 4;
constexpr int kMaxWaitingJobs = 1'024;

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

// After the streams have ended: for answers on their way.
constexpr absl::Duration kLastAnswers = absl::Seconds(5);

void LogOfStore(StoreLogLevel level, std::string_view event, std::string_view message) {
  const std::string line = LogLine("event", event).Add("message", message).text();
  switch (level) {
    case StoreLogLevel::kInfo:
      return spdlog::info("{}", line);
    case StoreLogLevel::kWarning:
      return spdlog::warn("{}", line);
    case StoreLogLevel::kError:
      return spdlog::error("{}", line);
  }
}

int Milliseconds(std::chrono::milliseconds duration) { return static_cast<int>(duration.count()); }

void SetChannelOptions(grpc::ServerBuilder* builder, const Config& config) {
  // Whatever its size, gRPC takes a message in whole before it looks; then we say
  // what is wrong with it. What all of them may take together, the quota bounds.
  builder->SetMaxReceiveMessageSize(-1);
  builder->SetMaxSendMessageSize(static_cast<int>(kMaxAnswerBytes));
  // It would unpack them before it looks at any size.
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder->SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  builder->SetResourceQuota(grpc::ResourceQuota("colophond").Resize(kMemoryQuotaBytes));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, config.max_streams_per_connection);
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

// A piece of work that held a completion loop for longer than any should. Work
// says whose it was when it was a record's.
void LogHold(std::chrono::nanoseconds held, std::string_view work) {
  LogLine line("event", "loop_held");
  line.AddMilliseconds("ms", std::chrono::duration<double, std::milli>(held).count());
  line.Add("work", work);
  spdlog::warn("{}", line.text());
}

}  // namespace

// Members stand in order of dependency, so that they go in reverse.
class Server::Impl {
 public:
  explicit Impl(ServerOptions options) : options_(std::move(options)) {}
  ~Impl() { Stop(); }

  absl::Status Start();
  void Stop();
  const ListenAddress& address() const { return address_; }

 private:
  absl::Status OpenCore();
  absl::Status Serve();
  void OnStoreFailure(const absl::Status& status);
  void SayNotServing();

  const Config& config() const { return options_.config; }

  const ServerOptions options_;
  OpenFiles open_files_;
  ListenAddress address_;

  std::mutex health_mu_;
  // Guarded by health_mu_.
  bool healthy_ = true;
  grpc::HealthCheckServiceInterface* health_ = nullptr;  // grpc_'s own.

  std::unique_ptr<Store> store_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<Providers> providers_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Completer> completer_;
  std::unique_ptr<Records> records_;

  RpcCounters counters_;
  std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Watchers> watchers_;
  std::unique_ptr<RegistryService> registry_service_;
  std::unique_ptr<CompletionService> completion_service_;
  std::unique_ptr<RecordService> record_service_;
  std::unique_ptr<AdminService> admin_service_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<ResetLimit> resets_;
  std::unique_ptr<grpc::Server> grpc_;
  bool stopped_ = false;
};

absl::Status Server::Impl::Start() {
  ASSIGN_OR_RETURN(open_files_, ShareOpenFiles(config()));
  address_ = config().listen;
  ASSIGN_OR_RETURN(listener_,
                   Listener::Bind(address_.host, address_.port, open_files_.connections));
  address_.port = listener_->port();
  const int streams = std::max(config().max_streams_per_connection, kFewStreams);
  resets_ = std::make_unique<ResetLimit>(
      kResetsAtOncePerStream * streams, static_cast<int>(kResetsASecondPerStream * streams),
      [this](const std::string& peer) { listener_->Disconnect(peer); });
  RETURN_IF_ERROR(OpenCore());
  return Serve();
}

absl::Status Server::Impl::OpenCore() {
  const std::filesystem::path data = options_.data_directory;
  std::error_code error;
  std::filesystem::create_directories(data, error);
  if (error) {
    return FailedPrecondition("DATA_DIRECTORY",
                              fmt::format("can't create the data directory \"{}\": {}; name "
                                          "another one with --data",
                                          data.string(), error.message()));
  }
  RocksdbStoreOptions store_options;
  store_options.cache_bytes = config().store_cache_bytes;
  store_options.min_free_bytes = config().min_free_bytes;
  store_options.accept_loss = options_.accept_loss;
  store_options.max_open_files = open_files_.store;
  store_options.env = options_.env;
  store_options.log = LogOfStore;
  store_options.on_failure = [this](const absl::Status& status) { OnStoreFailure(status); };
  store_options.on_damage = [](const absl::Status& status) {
    spdlog::critical("{}",
                     LogLine("event", "store_damaged").Add("message", MessageOf(status)).text());
  };
  ASSIGN_OR_RETURN(store_, OpenRocksdbStore((data / kStoreFolder).string(), store_options));

  executor_ = std::make_unique<Executor>(config().completion_threads, LogHold);
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  workers_ = std::make_unique<Workers>(std::max(kMinWorkers, 2 * cores), kMaxWaitingJobs);
  ASSIGN_OR_RETURN(registry_, Registry::Open(store_.get(), options_.clock));
  ASSIGN_OR_RETURN(providers_, Providers::Create(config().providers, executor_.get(),
                                                 workers_.get(), open_files_.kept_connections));
  if (options_.add_providers) options_.add_providers(providers_.get());
  recorder_ = std::make_unique<Recorder>(store_.get(), options_.clock);
  CompleterOptions completer_options;
  completer_options.max_open_calls = open_files_.provider_calls;
  completer_options.drain_when_caller_gone = config().drain_when_caller_gone;
  completer_ = std::make_unique<Completer>(registry_.get(), providers_.get(), recorder_.get(),
                                           executor_.get(), workers_.get(), options_.clock,
                                           completer_options);
  records_ = std::make_unique<Records>(store_.get(), registry_.get(), providers_.get(),
                                       recorder_.get(), options_.clock);

  // Before the first call: an intent of this process is not to be closed.
  ASSIGN_OR_RETURN(const int closed, recorder_->CloseOpenRecords());
  LogLine line("event", "open");
  line.Add("data", options_.data_directory).Add("repositories", registry_->repository_count());
  line.Add("records_closed_as_unknown", closed);
  spdlog::info("{}", line.text());
  return absl::OkStatus();
}

absl::Status Server::Impl::Serve() {
  adapter_ = std::make_unique<Adapter>(&counters_, workers_.get());
  watchers_ =
      std::make_unique<Watchers>(registry_.get(), executor_.get(), options_.clock, &counters_);
  counters_.set_on_taken_back([this](const std::string& peer) { resets_->Count(peer); });
  const int64_t max_message_bytes = config().max_message_bytes;
  registry_service_ = std::make_unique<RegistryService>(registry_.get(), watchers_.get(),
                                                        adapter_.get(), max_message_bytes);
  completion_service_ =
      std::make_unique<CompletionService>(completer_.get(), adapter_.get(), max_message_bytes);
  record_service_ =
      std::make_unique<RecordService>(records_.get(), adapter_.get(), max_message_bytes);
  ServerFacts facts;
  facts.version = Version();
  facts.store = "rocksdb";
  facts.store_folder = kStoreFolder;
  facts.start_time = options_.clock->Now();
  facts.backup_directory =
      config().backup_directory.empty()
          ? (std::filesystem::path(options_.data_directory) / kBackupFolder).string()
          : config().backup_directory;
  admin_service_ = std::make_unique<AdminService>(
      std::move(facts), store_.get(), registry_.get(), providers_.get(), completer_.get(),
      executor_.get(), watchers_.get(), options_.clock, adapter_.get(), max_message_bytes);

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetChannelOptions(&builder, config());
  builder.RegisterService(registry_service_.get());
  builder.RegisterService(completion_service_.get());
  builder.RegisterService(record_service_.get());
  builder.RegisterService(admin_service_.get());
  auto connections = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  grpc_ = builder.BuildAndStart();
  if (grpc_ == nullptr) return Internal("gRPC doesn't start");
  {
    std::lock_guard lock(health_mu_);
    health_ = grpc_->GetHealthCheckService();
    for (const char* service :
         {v1::RegistryService::service_full_name(), v1::CompletionService::service_full_name(),
          v1::RecordService::service_full_name(), v1::AdminService::service_full_name()}) {
      health_->SetServingStatus(service, healthy_);
    }
    health_->SetServingStatus(healthy_);
  }
  RETURN_IF_ERROR(listener_->Start(std::move(connections)));
  LogLine line("event", "serving");
  line.Add("listen", address_.text()).Add("max_connections", open_files_.connections);
  line.Add("max_open_completions", open_files_.provider_calls);
  spdlog::info("{}", line.text());
  return absl::OkStatus();
}

void Server::Impl::Stop() {
  if (std::exchange(stopped_, true)) return;
  if (grpc_ != nullptr) {
    LogLine line("event", "stopping");
    line.Add("open_completions", completer_->open_call_count());
    spdlog::info("{}", line.text());
    SayNotServing();
    counters_.Stop();
    watchers_->Stop();
    completer_->Stop(options_.clock->Now() + config().drain);
    counters_.AwaitEnds(kLastAnswers);
    listener_->Stop();
    // With more time it would wait for clients that are connected and idle to
    // answer its farewell, which those that don't poll never do.
    grpc_->Shutdown(std::chrono::system_clock::now());
    grpc_->Wait();
    std::lock_guard lock(health_mu_);
    health_ = nullptr;
    grpc_ = nullptr;
  }
  // No RPC is left. The executor ends before what its work calls into.
  if (workers_ != nullptr) workers_->Stop();
  if (executor_ != nullptr) executor_->Stop();
  if (store_ != nullptr) {
    LogLine line("event", "stopped");
    line.Add("rpcs", counters_.begun()).Add("errors", counters_.errors());
    spdlog::info("{}", line.text());
  }
}

void Server::Impl::OnStoreFailure(const absl::Status& status) {
  spdlog::critical("{}", LogLine("event", "store_failed").Add("message", MessageOf(status)).text());
  spdlog::default_logger_raw()->flush();
  SayNotServing();
  if (options_.on_store_failure) {
    options_.on_store_failure(status);
  } else {
    std::_Exit(kStoreFailedExitCode);
  }
}

void Server::Impl::SayNotServing() {
  std::lock_guard lock(health_mu_);
  healthy_ = false;
  if (health_ != nullptr) health_->SetServingStatus(false);
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

const char* Server::Version() { return COLOPHON_VERSION; }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

const ListenAddress& Server::address() const { return impl_->address(); }

void Server::Stop() { impl_->Stop(); }

}  // namespace colophon
