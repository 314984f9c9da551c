#include "tests/client/fake_server.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

constexpr std::chrono::milliseconds kLookAround(10);
constexpr auto kPatience = std::chrono::seconds(30);

std::string MetadataOf(const grpc::ServerContext& context, const std::string& key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return "";
  return {found->second.data(), found->second.size()};
}

}  // namespace

class FakeServer::Registry : public v1::RegistryService::Service {
 public:
  explicit Registry(FakeServer* fake) : fake_(fake) {}

  grpc::Status CreateRepository(grpc::ServerContext* context, const v1::CreateRepositoryRequest*,
                                v1::CreateRepositoryResponse*) override {
    return fake_->Begin("CreateRepository", context);
  }

  grpc::Status Publish(grpc::ServerContext* context, const v1::PublishRequest* request,
                       v1::PublishResponse*) override {
    return fake_->Begin("Publish", context, request->request_id());
  }

  grpc::Status UpdateLabel(grpc::ServerContext* context, const v1::UpdateLabelRequest* request,
                           v1::UpdateLabelResponse*) override {
    return fake_->Begin("UpdateLabel", context, request->request_id());
  }

  grpc::Status GetVersion(grpc::ServerContext* context, const v1::GetVersionRequest* request,
                          v1::GetVersionResponse* response) override {
    grpc::Status status = fake_->Begin("GetVersion", context);
    if (!status.ok()) return status;
    const size_t at = request->name().find('@');
    const std::string prompt = request->name().substr(5, at - 5);  // After "acme/".
    const std::string selector =
        at == std::string::npos ? "production" : request->name().substr(at + 1);
    std::lock_guard lock(fake_->mu_);
    response->set_sequence(static_cast<int64_t>(fake_->changes_.size()));
    const auto found = fake_->prompts_.find(prompt);
    uint32_t version = 0;
    if (found != fake_->prompts_.end()) {
      const uint32_t newest = static_cast<uint32_t>(found->second.size());
      const auto label = fake_->labels_[prompt].find(selector);
      if (selector == "latest" || selector.rfind("heads/", 0) == 0) {
        version = newest;
        if (selector == "latest") response->set_label(selector);
      } else if (selector[0] == 'v') {
        version = std::stoi(selector.substr(1));
      } else if (label != fake_->labels_[prompt].end()) {
        version = label->second.targets().targets(0).version();
        response->set_label(selector);
      }
      if (version > newest) version = 0;
    }
    if (version == 0) {
      return Failure(grpc::StatusCode::NOT_FOUND, "VERSION_NOT_FOUND", "no " + request->name());
    }
    *response->mutable_version() = fake_->VersionLocked(prompt, version);
    return grpc::Status::OK;
  }

  grpc::Status ListLabels(grpc::ServerContext* context, const v1::ListLabelsRequest* request,
                          v1::ListLabelsResponse* response) override {
    grpc::Status status = fake_->Begin("ListLabels", context);
    if (!status.ok()) return status;
    std::lock_guard lock(fake_->mu_);
    for (const auto& [name, label] : fake_->labels_[request->name().substr(5)]) {
      *response->add_labels() = label;
    }
    return grpc::Status::OK;
  }

  grpc::Status ListChanges(grpc::ServerContext* context, const v1::ListChangesRequest*,
                           v1::ListChangesResponse* response) override {
    grpc::Status status = fake_->Begin("ListChanges", context);
    if (!status.ok()) return status;
    std::lock_guard lock(fake_->mu_);
    if (!fake_->changes_.empty()) *response->add_changes() = fake_->changes_.back();
    return grpc::Status::OK;
  }

  grpc::Status GetChange(grpc::ServerContext* context, const v1::GetChangeRequest* request,
                         v1::GetChangeResponse* response) override {
    grpc::Status status = fake_->Begin("GetChange", context);
    if (!status.ok()) return status;
    std::lock_guard lock(fake_->mu_);
    const auto page = fake_->second_pages_.find(request->sequence());
    if (page == fake_->second_pages_.end() || request->page_token() != "second") {
      return Failure(grpc::StatusCode::INVALID_ARGUMENT, "BAD_PAGE_TOKEN", "no such page");
    }
    *response->mutable_change() = page->second;
    return grpc::Status::OK;
  }

  grpc::Status WatchChanges(grpc::ServerContext* context, const v1::WatchChangesRequest* request,
                            grpc::ServerWriter<v1::WatchChangesResponse>* writer) override {
    grpc::Status status = fake_->Begin("WatchChanges", context);
    if (!status.ok()) return status;
    std::unique_lock lock(fake_->mu_);
    const auto newest = [this] { return static_cast<int64_t>(fake_->changes_.size()); };
    int64_t next = request->start_sequence() == 0 ? newest() + 1 : request->start_sequence();
    if (next > newest() + 1) {
      return Failure(grpc::StatusCode::OUT_OF_RANGE, "BEYOND_SEQUENCE", "beyond the newest");
    }
    ++fake_->watchers_;
    fake_->changed_.notify_all();
    const auto beat = absl::ToChronoNanoseconds(FromProto(request->heartbeat_interval()));
    for (bool first = true; !context->IsCancelled(); first = false) {
      v1::WatchChangesResponse event;
      if (!first && next <= newest()) {
        *event.mutable_change() = fake_->changes_[next++ - 1];
      } else {
        event.mutable_heartbeat()->set_sequence(next - 1);
      }
      lock.unlock();
      const bool written = writer->Write(event);
      lock.lock();
      if (!written) break;
      // A cancelled call wakes nobody, so it looks around now and then.
      const auto end = std::chrono::steady_clock::now() + beat;
      while (next > newest() && !context->IsCancelled() && std::chrono::steady_clock::now() < end) {
        fake_->changed_.wait_for(lock, std::min<std::chrono::nanoseconds>(beat, kLookAround));
      }
    }
    --fake_->watchers_;
    fake_->changed_.notify_all();
    return grpc::Status::CANCELLED;
  }

 private:
  FakeServer* const fake_;
};

class FakeServer::Completion : public v1::CompletionService::Service {
 public:
  explicit Completion(FakeServer* fake) : fake_(fake) {}

  grpc::Status Complete(grpc::ServerContext* context, const v1::CompleteRequest* request,
                        v1::CompleteResponse* response) override {
    response->set_version(request->name());
    return fake_->Begin("Complete", context);
  }

  // "one ", "two ", … until the client goes away, or ten of them.
  grpc::Status StreamComplete(grpc::ServerContext* context, const v1::StreamCompleteRequest*,
                              grpc::ServerWriter<v1::StreamCompleteResponse>* writer) override {
    grpc::Status status = fake_->Begin("StreamComplete", context);
    if (!status.ok()) return status;
    v1::StreamCompleteResponse message;
    message.mutable_start()->set_record("0198");
    writer->Write(message);
    for (int i = 0; i < 10; ++i) {
      message.mutable_piece()->set_text(fmt::format("{} ", i));
      if (!writer->Write(message)) return grpc::Status::CANCELLED;
    }
    message.mutable_response()->set_record("0198");
    writer->Write(message);
    return fake_->Begin("StreamEnd", context);
  }

 private:
  FakeServer* const fake_;
};

FakeServer::FakeServer(int port)
    : port_(port),
      registry_(std::make_unique<Registry>(this)),
      completion_(std::make_unique<Completion>(this)) {
  Listen();
}

FakeServer::~FakeServer() { Stop(); }

void FakeServer::Listen() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(fmt::format("127.0.0.1:{}", port_), grpc::InsecureServerCredentials(),
                           &port_);
  builder.RegisterService(registry_.get());
  builder.RegisterService(completion_.get());
  server_ = builder.BuildAndStart();
}

std::string FakeServer::address() const { return fmt::format("127.0.0.1:{}", port_); }

void FakeServer::Stop() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

void FakeServer::StartAgain() { Listen(); }

v1::Version FakeServer::VersionLocked(const std::string& prompt, uint32_t version) {
  v1::Version result;
  result.set_name(fmt::format("acme/{}@v{}", prompt, version));
  result.set_repository("acme");
  result.set_prompt(prompt);
  result.set_version(version);
  v1::File* file = result.add_files();
  file->set_path(prompt + ".prompt");
  file->set_content(prompts_[prompt][version - 1]);
  return result;
}

v1::Change& FakeServer::AppendChangeLocked() {
  v1::Change& change = changes_.emplace_back();
  change.set_repository("acme");
  change.set_sequence(static_cast<int64_t>(changes_.size()));
  return change;
}

uint32_t FakeServer::Publish(const std::string& prompt, const std::string& text) {
  std::lock_guard lock(mu_);
  prompts_[prompt].push_back(text);
  const uint32_t version = static_cast<uint32_t>(prompts_[prompt].size());
  v1::PublishedVersion* published = AppendChangeLocked().add_versions();
  published->set_prompt(prompt);
  published->set_version(version);
  changed_.notify_all();
  return version;
}

v1::LabelMove FakeServer::MoveLabelLocked(
    const std::string& prompt, const std::string& label, int64_t sequence,
    const std::vector<std::pair<uint32_t, uint32_t>>& version_weights) {
  v1::LabelMove move;
  move.set_prompt(prompt);
  move.set_label(label);
  move.mutable_targets();
  for (const auto& [version, weight] : version_weights) {
    v1::LabelTarget* target = move.mutable_targets()->add_targets();
    target->set_version(version);
    target->set_weight(weight);
  }
  if (version_weights.empty()) {
    labels_[prompt].erase(label);
  } else {
    v1::Label& moved = labels_[prompt][label];
    moved.set_name(fmt::format("acme/{}@{}", prompt, label));
    *moved.mutable_targets() = move.targets();
    moved.set_sequence(sequence);
  }
  changed_.notify_all();
  return move;
}

void FakeServer::MoveLabel(const std::string& prompt, const std::string& label,
                           std::vector<std::pair<uint32_t, uint32_t>> version_weights) {
  std::lock_guard lock(mu_);
  v1::Change& change = AppendChangeLocked();
  *change.add_label_moves() = MoveLabelLocked(prompt, label, change.sequence(), version_weights);
}

void FakeServer::MoveLabelOnSecondPage(const std::string& prompt, const std::string& label,
                                       std::vector<std::pair<uint32_t, uint32_t>> version_weights) {
  std::lock_guard lock(mu_);
  v1::Change& change = AppendChangeLocked();
  v1::Change page = change;
  *page.add_label_moves() = MoveLabelLocked(prompt, label, change.sequence(), version_weights);
  change.add_archived_prompts("elsewhere");
  change.set_next_page_token("second");
  second_pages_[change.sequence()] = page;
}

void FakeServer::PublishElsewhere() { Publish("elsewhere", "x"); }

void FakeServer::Rewind(int64_t sequence) {
  std::lock_guard lock(mu_);
  changes_.resize(sequence);
  changed_.notify_all();
}

grpc::Status FakeServer::Begin(const std::string& method, grpc::ServerContext* context,
                               const std::string& request_id) {
  std::function<void()> run;
  grpc::Status status;
  {
    std::lock_guard lock(mu_);
    Seen seen;
    seen.caller = MetadataOf(*context, "colophon-caller");
    seen.traceparent = MetadataOf(*context, "traceparent");
    seen.request_id = request_id;
    seen.time_left = absl::FromChrono(context->deadline()) - absl::Now();
    seen_[method].push_back(seen);
    run = on_call_[method];
    for (const std::string& name : {method, std::string("*")}) {
      std::deque<grpc::Status>& failures = failures_[name];
      if (failures.empty()) continue;
      status = failures.front();
      failures.pop_front();
      break;
    }
    changed_.notify_all();
  }
  if (run) run();
  return status;
}

void FakeServer::FailNext(const std::string& method, grpc::Status status) {
  std::lock_guard lock(mu_);
  failures_[method].push_back(std::move(status));
}

int FakeServer::calls(const std::string& method) {
  std::lock_guard lock(mu_);
  return static_cast<int>(seen_[method].size());
}

int FakeServer::total_calls() {
  std::lock_guard lock(mu_);
  int total = 0;
  for (const auto& [method, calls] : seen_) total += static_cast<int>(calls.size());
  return total;
}

bool FakeServer::WaitForWatchers(int count) {
  std::unique_lock lock(mu_);
  return changed_.wait_for(lock, kPatience, [&] { return watchers_ >= count; });
}

bool FakeServer::WaitForNoWatchers() {
  std::unique_lock lock(mu_);
  return changed_.wait_for(lock, kPatience, [&] { return watchers_ == 0; });
}

bool FakeServer::WaitForCalls(const std::string& method, int count) {
  std::unique_lock lock(mu_);
  return changed_.wait_for(lock, kPatience,
                           [&] { return static_cast<int>(seen_[method].size()) >= count; });
}

void FakeServer::OnCall(const std::string& method, std::function<void()> run) {
  std::lock_guard lock(mu_);
  on_call_[method] = std::move(run);
}

std::vector<FakeServer::Seen> FakeServer::seen(const std::string& method) {
  std::lock_guard lock(mu_);
  return seen_[method];
}

grpc::Status FakeServer::Failure(grpc::StatusCode code, const std::string& reason,
                                 const std::string& message, absl::Duration retry_delay) {
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  (*info.mutable_metadata())["sequence"] = "41";
  details.add_details()->PackFrom(info);
  if (retry_delay > absl::ZeroDuration()) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = ToProto(retry_delay);
    details.add_details()->PackFrom(retry);
  }
  return {code, message, details.SerializeAsString()};
}

}  // namespace colophon
