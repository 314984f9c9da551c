#include "service/server.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/access/keys.h"
#include "service/api/admin.h"
#include "service/api/dispatcher.h"
#include "service/api/git_service.h"
#include "service/api/methods.h"
#include "service/api/watchers.h"
#include "service/base/log.h"
#include "service/completion/completer.h"
#include "service/completion/records.h"
#include "service/directories.h"
#include "service/first_key.h"
#include "service/http/http_server.h"
#include "service/metrics/metrics.h"
#include "service/open_files.h"
#include "service/provider/provider_config.h"
#include "service/provider/providers.h"
#include "service/record/recorder.h"
#include "service/record/terms.h"
#include "service/registry/registry.h"
#include "service/rpc/grpc_server.h"
#include "service/served_certificates.h"
#include "service/store/rocksdb/rocksdb_store.h"

namespace colophon {
namespace {

constexpr char kStoreFolder[] = "store";
constexpr char kBackupFolder[] = "backups";
constexpr char kMirrorFolder[] = "mirrors";

// What reads the disk or takes long: so much runs at once, and may wait.
constexpr int kMinWorkers = 4;
constexpr int kMaxWaitingJobs = 1'024;
constexpr int kGitWorkers = 4;

// After the streams have ended: for answers on their way.
constexpr absl::Duration kLastAnswers = absl::Seconds(5);

void LogOfStore(StoreLogLevel level, std::string_view event, std::string_view message) {
  const LogLevel as = level == StoreLogLevel::kInfo      ? LogLevel::kInfo
                      : level == StoreLogLevel::kWarning ? LogLevel::kWarning
                                                         : LogLevel::kError;
  Log(as, LogLine("event", event).Add("message", message));
}

// A piece of work that held a completion loop for longer than any should. Work
// says whose it was when it was a record's.
void LogHold(std::chrono::nanoseconds held, std::string_view work) {
  LogLine line("event", "loop_held");
  line.AddMilliseconds("ms", std::chrono::duration<double, std::milli>(held).count());
  line.Add("work", work);
  Log(LogLevel::kWarning, line);
}

// Whether one port would be taken twice. A bound port that isn't listened on yet shows
// neither.
bool Collide(const ListenAddress& one, const ListenAddress& other) {
  if (one.port != other.port || one.port == 0) return false;
  const auto is_any = [](const ListenAddress& address) {
    return address.host == "0.0.0.0" || address.host == "::";
  };
  return one.host == other.host || is_any(one) || is_any(other);
}

}  // namespace

// Members stand in order of dependency, so that they go in reverse.
class Server::Impl {
 public:
  explicit Impl(ServerOptions options) : options_(std::move(options)) {}
  ~Impl() { Stop(); }

  absl::Status Start();
  std::vector<absl::Status> Check();
  void Reload(const Config& config);
  void RefreshCertificates() {
    if (certificates_) certificates_->Refresh();
  }
  void Stop();
  const ListenAddress& address() const { return address_; }
  const std::optional<ListenAddress>& http_address() const { return http_address_; }

 private:
  std::vector<absl::Status> FindProblems() const;
  absl::Status ReadCertificates();
  absl::Status BindGrpc();
  absl::Status BindHttp();
  absl::Status OpenCore();
  absl::Status Serve();
  void OnStoreFailure(const absl::Status& status);
  void TellOfExposure();

  bool KeysRequired() const;
  absl::StatusOr<std::string> WriteMetrics(const Call& call);
  std::string BackupDirectory() const;
  absl::Status CheckBackupDirectory() const;
  const Config& config() const { return options_.config; }

  ServerOptions options_;  // Reload changes what nobody else reads.
  OpenFiles open_files_;
  ListenAddress address_;
  std::optional<ListenAddress> http_address_;

  std::optional<ServedCertificates> certificates_;  // None: plain text.

  Metrics metrics_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<Providers> providers_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Completer> completer_;
  std::unique_ptr<Records> records_;

  CallCounters counters_{&metrics_};
  std::unique_ptr<Watchers> watchers_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<Keys> keys_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Mirrors> mirrors_;
  std::unique_ptr<Workers> git_workers_;
  std::unique_ptr<GitService> git_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<HttpServer> http_;  // Null: off.
  bool serving_ = false;
  bool stopped_ = false;
};

absl::Status Server::Impl::Start() {
  std::vector<absl::Status> problems = FindProblems();
  if (!problems.empty()) return std::move(problems.front());
  ASSIGN_OR_RETURN(open_files_, ShareOpenFiles(config()));
  RETURN_IF_ERROR(ReadCertificates());
  RETURN_IF_ERROR(BindGrpc());
  RETURN_IF_ERROR(BindHttp());
  RETURN_IF_ERROR(OpenCore());
  if (const absl::Status backup = CheckBackupDirectory(); !backup.ok()) {
    LogLine line("event", "cant_back_up");
    Log(LogLevel::kWarning, line.Add("message", MessageOf(backup)));
  }
  return Serve();
}

std::vector<absl::Status> Server::Impl::Check() {
  std::vector<absl::Status> problems = FindProblems();
  problems.push_back(ReadCertificates());
  for (absl::Status& bound : std::vector{BindGrpc(), BindHttp()}) {
    if (ReasonOf(bound) != "ADDRESS_IN_USE") problems.push_back(std::move(bound));
  }
  problems.push_back(CheckBackupDirectory());
  std::erase_if(problems, [](const absl::Status& problem) { return problem.ok(); });
  return problems;
}

// What can be known before anything is taken or written.
std::vector<absl::Status> Server::Impl::FindProblems() const {
  std::vector<absl::Status> problems;
  const auto add = [&](absl::Status status) {
    if (!status.ok()) problems.push_back(std::move(status));
  };
  add(ShareOpenFiles(config()).status());
  const ListenAddress& listen = config().listen;
  if (config().http_listen && Collide(listen, *config().http_listen)) {
    add(InvalidArgument(
        "BAD_CONFIG", fmt::format("gRPC is to be served on {} and HTTP on {}; give them different "
                                  "ports with --listen and --http-listen, or `listen` and "
                                  "`http_listen` of the configuration",
                                  listen.text(), config().http_listen->text())));
  }
  add(CheckDirectory("DATA_DIRECTORY", "data directory", options_.data_directory,
                     "name another one with --data"));
  for (const auto& provider : CheckedProviders(config().providers)) add(provider.status());
  return problems;
}

absl::Status Server::Impl::ReadCertificates() {
  if (!config().tls) return absl::OkStatus();
  ASSIGN_OR_RETURN(auto certificates, TlsCertificates::Read(config().tls->files));
  certificates_.emplace(std::move(certificates), config().tls->files.certificate, options_.clock);
  return absl::OkStatus();
}

absl::Status Server::Impl::BindGrpc() {
  address_ = config().listen;
  GrpcServerOptions options;
  options.host = address_.host;
  options.port = address_.port;
  options.max_connections = open_files_.connections;
  options.max_streams_per_connection = config().max_streams_per_connection;
  options.max_message_bytes = config().max_message_bytes;
  if (certificates_) options.tls = certificates_->get();
  ASSIGN_OR_RETURN(grpc_, GrpcServer::Bind(options));
  address_.port = grpc_->port();
  return absl::OkStatus();
}

absl::Status Server::Impl::BindHttp() {
  if (!config().http_listen) return absl::OkStatus();
  HttpServerOptions options;
  options.host = config().http_listen->host;
  options.port = config().http_listen->port;
  options.max_connections = open_files_.http_connections;
  options.rules.max_message_bytes = config().max_message_bytes;
  options.rules.cors_origins = config().http_cors_origins;
  options.rules.only_local_names = config().http_listen->is_loopback;
  options.rules.write_metrics = [this](const Call& call) { return WriteMetrics(call); };
  if (certificates_) options.tls = certificates_->get();
  options.without_client_certificate =
      config().tls && config().tls->http_without_client_certificate;
  ASSIGN_OR_RETURN(http_, HttpServer::Bind(options));
  http_address_ = config().http_listen;
  http_address_->port = http_->port();
  return absl::OkStatus();
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
  store_options.terms = MakeRecordTerms();
  store_options.cache_bytes = config().store_cache_bytes;
  store_options.min_free_bytes = config().min_free_bytes;
  store_options.accept_loss = options_.accept_loss;
  store_options.max_open_files = open_files_.store;
  store_options.env = options_.env;
  store_options.log = LogOfStore;
  store_options.on_failure = [this](const absl::Status& status) { OnStoreFailure(status); };
  store_options.on_batch = [this](int writes, std::chrono::nanoseconds took) {
    metrics_.CountCommit(writes, absl::FromChrono(took));
  };
  store_options.on_damage = [](const absl::Status& status) {
    Log(LogLevel::kCritical, LogLine("event", "store_damaged").Add("message", MessageOf(status)));
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
  completer_options.metrics = &metrics_;
  completer_options.drain_when_caller_gone = config().drain_when_caller_gone;
  completer_ = std::make_unique<Completer>(registry_.get(), providers_.get(), recorder_.get(),
                                           executor_.get(), workers_.get(), options_.clock,
                                           completer_options);
  records_ = std::make_unique<Records>(store_.get(), registry_.get(), providers_.get(),
                                       recorder_.get(), options_.clock);

  // Before the first call: an intent of this process is not to be closed.
  ASSIGN_OR_RETURN(const int closed, recorder_->CloseAbandonedRecords());
  LogLine line("event", "open");
  line.Add("data", options_.data_directory).Add("repositories", registry_->repository_count());
  line.Add("records_closed_as_unknown", closed);
  Log(LogLevel::kInfo, line);
  return absl::OkStatus();
}

absl::Status Server::Impl::Serve() {
  watchers_ = std::make_unique<Watchers>(registry_.get(), executor_.get(), options_.clock);
  ServerFacts facts;
  facts.version = Version();
  facts.store = "rocksdb";
  facts.store_folder = kStoreFolder;
  facts.start_time = options_.clock->Now();
  facts.backup_directory = BackupDirectory();
  facts.max_message_bytes = config().max_message_bytes;
  admin_ =
      std::make_unique<Admin>(std::move(facts), store_.get(), registry_.get(), providers_.get(),
                              completer_.get(), executor_.get(), watchers_.get(), options_.clock);
  ASSIGN_OR_RETURN(keys_, Keys::Open(store_.get(), options_.clock, KeysRequired()));
  RETURN_IF_ERROR(keys_->MakeFirstKey([this](const std::string& secret) {
    return WriteFirstKey(options_.data_directory, secret);
  }));
  const Core core = {.registry = registry_.get(),
                     .completer = completer_.get(),
                     .records = records_.get(),
                     .admin = admin_.get(),
                     .watchers = watchers_.get(),
                     .keys = keys_.get(),
                     .workers = workers_.get()};
  dispatcher_ =
      std::make_unique<Dispatcher>(MakeMethods(core), keys_.get(), workers_.get(), &counters_);
  const std::filesystem::path mirrors =
      std::filesystem::path(options_.data_directory) / kMirrorFolder;
  ASSIGN_OR_RETURN(mirrors_, Mirrors::Open(store_.get(), mirrors.string()));
  git_workers_ = std::make_unique<Workers>(kGitWorkers, kMaxWaitingJobs);
  git_ =
      std::make_unique<GitService>(mirrors_.get(), registry_.get(), git_workers_.get(), &metrics_);
  RETURN_IF_ERROR(grpc_->Start(dispatcher_.get()));
  if (http_ != nullptr)
    RETURN_IF_ERROR(http_->Start(dispatcher_.get(), git_.get(), executor_.get()));
  serving_ = true;
  TellOfExposure();
  LogLine line("event", "serving");
  line.Add("listen", address_.text()).Add("max_connections", open_files_.connections);
  line.Add("max_open_completions", open_files_.provider_calls);
  if (http_address_) line.Add("http_listen", http_address_->text());
  Log(LogLevel::kInfo, line);
  return absl::OkStatus();
}

void Server::Impl::Reload(const Config& config) {
  RefreshCertificates();
  std::vector<std::string> taken;
  std::vector<std::string> waiting;
  for (std::string& field : DifferingFields(options_.config, config)) {
    const bool is_taken = field == "log_level" || field == "drain_seconds";
    (is_taken ? taken : waiting).push_back(std::move(field));
  }
  options_.config.log_level = config.log_level;
  options_.config.drain = config.drain;
  SetLogLevel(config.log_level);
  Log(LogLevel::kInfo,
      LogLine("event", "reloaded").Add("changed", fmt::format("{}", fmt::join(taken, ","))));
  if (waiting.empty()) return;
  LogLine line("event", "restart_needed");
  line.Add("fields", fmt::format("{}", fmt::join(waiting, ",")));
  line.Add("message", "what the configuration has for these holds after a restart");
  Log(LogLevel::kWarning, line);
}

// What an operator who looks at the log should know of the ports.
void Server::Impl::TellOfExposure() {
  const bool is_local = address_.is_loopback && (!http_address_ || http_address_->is_loopback);
  if (!certificates_ && !is_local) {
    LogLine line("event", "plaintext_beyond_loopback");
    line.Add("message", "insecure_plaintext is set: what is said crosses the network readable");
    Log(LogLevel::kWarning, line);
  }
  if (certificates_) certificates_->TellOfExpiry();
}

void Server::Impl::Stop() {
  if (std::exchange(stopped_, true)) return;
  if (serving_) {
    LogLine line("event", "stopping");
    line.Add("open_completions", completer_->open_call_count());
    Log(LogLevel::kInfo, line);
    grpc_->SetServing(false);
    if (http_ != nullptr) http_->SetServing(false);
    counters_.Stop();
    watchers_->Stop();
    completer_->Stop(options_.clock->Now() + config().drain);
    counters_.AwaitEnds(kLastAnswers);
    grpc_->Stop();
  }
  if (http_ != nullptr) http_->Stop();
  // No RPC is left. The executor ends before what its work calls into.
  if (git_workers_ != nullptr) git_workers_->Stop();
  if (workers_ != nullptr) workers_->Stop();
  if (executor_ != nullptr) executor_->Stop();
  if (store_ != nullptr) {
    LogLine line("event", "stopped");
    line.Add("rpcs", counters_.begun()).Add("errors", counters_.errors());
    Log(LogLevel::kInfo, line);
  }
}

// Whoever reaches a port of this machine could read its files as well, more or less.
bool Server::Impl::KeysRequired() const {
  const bool is_local =
      config().listen.is_loopback && (!config().http_listen || config().http_listen->is_loopback);
  return config().require_keys.value_or(!is_local);
}

// Names of models and methods and how often they are called are nobody's secret who may
// read everything.
absl::StatusOr<std::string> Server::Impl::WriteMetrics(const Call& call) {
  RETURN_IF_ERROR(CheckRight(call, Right::kRead, {}));
  ASSIGN_OR_RETURN(const v1::GetServerInfoResponse info, admin_->GetServerInfo());
  return metrics_.Write(info);
}

std::string Server::Impl::BackupDirectory() const {
  if (!config().backup_directory.empty()) return config().backup_directory;
  return std::filesystem::path(options_.data_directory) / kBackupFolder;
}

absl::Status Server::Impl::CheckBackupDirectory() const {
  return CheckDirectory("BACKUP_DIRECTORY", "backup directory", BackupDirectory(),
                        "no backup can be made there: see backup_directory in the configuration");
}

void Server::Impl::OnStoreFailure(const absl::Status& status) {
  Log(LogLevel::kCritical, LogLine("event", "store_failed").Add("message", MessageOf(status)));
  FlushLog();
  grpc_->SetServing(false);
  if (http_ != nullptr) http_->SetServing(false);
  if (options_.on_store_failure) {
    options_.on_store_failure(status);
  } else {
    std::_Exit(kStoreFailedExitCode);
  }
}

std::vector<absl::Status> Server::Check(const ServerOptions& options) {
  return Impl(options).Check();
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
const std::optional<ListenAddress>& Server::http_address() const { return impl_->http_address(); }

void Server::Reload(const Config& config) { impl_->Reload(config); }
void Server::RefreshCertificates() { impl_->RefreshCertificates(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace colophon
