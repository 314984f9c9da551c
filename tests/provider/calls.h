#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "boost/asio/co_spawn.hpp"
#include "boost/asio/use_future.hpp"
#include "service/base/executor.h"
#include "service/provider/providers.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_server.h"

namespace colophon {

// What became of one call.
struct Outcome {
  std::vector<v1::Piece> pieces;
  absl::Status end;  // OK: the provider finished its answer.
  v1::Completion metadata;
  std::optional<int64_t> connection_request_count;
  int64_t removed_secret_count = 0;
  std::optional<v1::RawAnswer> raw_answer;

  std::string text() const {
    std::string out;
    for (const v1::Piece& piece : pieces) out += piece.text();
    return out;
  }
};

inline Task<Outcome> Collect(std::unique_ptr<ProviderCall> call) {
  Outcome outcome;
  for (;;) {
    absl::StatusOr<std::optional<v1::Piece>> next = co_await call->Next();
    outcome.metadata = call->metadata();
    outcome.connection_request_count = call->connection_request_count();
    outcome.removed_secret_count = call->removed_secret_count();
    if (!next.ok()) {
      outcome.end = next.status();
      break;
    }
    if (!next->has_value()) break;
    outcome.pieces.push_back(**next);
  }
  outcome.raw_answer = co_await call->RawAnswer(!outcome.end.ok());
  co_return outcome;
}

inline Task<Outcome> StartAndCollect(Loop* loop, Provider* provider, ProviderRequest request) {
  co_return co_await Collect(provider->Start(*loop, std::move(request)));
}

inline std::future<Outcome> CallAsync(Loop& loop, Provider* provider, ProviderRequest request) {
  return boost::asio::co_spawn(loop.context(), StartAndCollect(&loop, provider, std::move(request)),
                               boost::asio::use_future);
}

inline ProviderRequest RequestFor(bool stream) {
  ProviderRequest request;
  request.model = "gpt-4o";
  request.body = R"({"model":"gpt-4o"})";
  request.stream = stream;
  return request;
}

// Runs `run` on the loop and returns what it returns.
template <class Run>
auto OnLoop(Loop& loop, Run run) {
  std::promise<decltype(run())> result;
  loop.Post([&] { result.set_value(run()); });
  return result.get_future().get();
}

// Sets an environment variable until the end of the block.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* old = getenv(name)) old_ = old;
    if (value == nullptr) {
      unsetenv(name);
    } else {
      setenv(name, value, 1);
    }
  }
  ~ScopedVariable() {
    if (old_) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* const name_;
  std::optional<std::string> old_;
};

using ProviderConfigs = google::protobuf::RepeatedPtrField<config::v1::Provider>;

// Providers with one, "model", at `base_url`; destroyed in the right order.
class OneProvider {
 public:
  explicit OneProvider(config::v1::Provider config, int loops = 1)
      : executor_(std::make_unique<Executor>(loops)), workers_(std::make_unique<Workers>(2, 1000)) {
    if (config.name().empty()) config.set_name("model");
    if (config.kind() == config::v1::Provider::KIND_UNSPECIFIED) {
      config.set_kind(config::v1::Provider::KIND_OPENAI);
    }
    ProviderConfigs configs;
    *configs.Add() = config;
    auto created = Providers::Create(configs, executor_.get(), workers_.get());
    EXPECT_OK(created.status());
    if (!created.ok()) return;
    providers_ = *std::move(created);
    provider_ = providers_->Find(config.name() + "/x")->provider;
  }
  ~OneProvider() { Stop(); }

  void Stop() {
    workers_->Stop();
    executor_->Stop();
    providers_.reset();
  }

  Loop& loop() { return executor_->loop(0); }
  Provider* provider() { return provider_; }
  Outcome Call(bool stream) { return CallAsync(loop(), provider_, RequestFor(stream)).get(); }
  std::future<Outcome> Start(bool stream) {
    return CallAsync(loop(), provider_, RequestFor(stream));
  }

 private:
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Providers> providers_;
  Provider* provider_ = nullptr;
};

inline config::v1::Provider ConfigFor(const ModelServer& server) {
  config::v1::Provider config;
  config.set_base_url(server.base_url());
  return config;
}

}  // namespace colophon
