// A race on purpose. tests/tsan runs it to know that its settings don't hide
// races; with --guarded the same accesses are in order and no report may come.
//
//   tsan_planted struct|text|handler [--guarded]

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "colophon/v1/admin.grpc.pb.h"

namespace colophon {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 200;

// tests/tsan looks for Count and Append in the reports.
struct PlantedRace {
  explicit PlantedRace(bool is_guarded) : guarded(is_guarded) {}

  void Count() {
    std::unique_lock<std::mutex> lock(mu, std::defer_lock);
    if (guarded) lock.lock();
    ++calls;
  }
  void Append() {
    std::unique_lock<std::mutex> lock(mu, std::defer_lock);
    if (guarded) lock.lock();
    // Short enough to stay in the string's own bytes: a race must not crash.
    text = text.size() < 8 ? text + "x" : "";
  }

  const bool guarded;
  std::mutex mu;
  int64_t calls = 0;
  std::string text;
};

template <class Function>
void OnThreads(Function function) {
  std::atomic<int> waiting = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      waiting.fetch_add(1, std::memory_order_relaxed);
      while (waiting.load(std::memory_order_relaxed) < kThreads) std::this_thread::yield();
      for (int round = 0; round < kRounds; ++round) function();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class RacyService final : public v1::AdminService::CallbackService {
 public:
  explicit RacyService(PlantedRace* state) : state_(state) {}

  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context,
                                          const v1::GetServerInfoRequest*,
                                          v1::GetServerInfoResponse* response) override {
    state_->Count();
    response->set_version("planted");
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  PlantedRace* const state_;
};

// True when every call was answered.
bool CallHandler(PlantedRace* state) {
  RacyService service(state);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return false;
  std::atomic<int> answered = 0;
  OnThreads([&] {
    // A connection a thread: calls of one connection come one after another.
    thread_local std::unique_ptr<v1::AdminService::Stub> stub = [&] {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      return v1::AdminService::NewStub(grpc::CreateCustomChannel(
          "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments));
    }();
    grpc::ClientContext context;
    v1::GetServerInfoResponse response;
    if (stub->GetServerInfo(&context, {}, &response).ok()) answered.fetch_add(1);
  });
  server->Shutdown();
  return answered == kThreads * kRounds;
}

int Main(std::string_view where, bool guarded) {
  PlantedRace state(guarded);
  if (where == "struct") {
    OnThreads([&] { state.Count(); });
  } else if (where == "text") {
    OnThreads([&] { state.Append(); });
  } else if (where == "handler") {
    if (!CallHandler(&state)) {
      std::fprintf(stderr, "tsan_planted: a call was not answered\n");
      return 3;
    }
  } else {
    std::fprintf(stderr, "usage: tsan_planted struct|text|handler [--guarded]\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) {
  const bool guarded = argc > 2 && std::string_view(argv[2]) == "--guarded";
  return colophon::Main(argc > 1 ? argv[1] : "", guarded);
}
