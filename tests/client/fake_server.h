#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "colophon/v1/completion.grpc.pb.h"
#include "colophon/v1/registry.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace colophon {

// A colophon server made of a few maps: prompts have versions and labels,
// changes are watched, and every method counts its calls and fails when told.
//
// Thread-safe.
class FakeServer {
 public:
  // On 127.0.0.1; port 0 is any.
  explicit FakeServer(int port = 0);
  ~FakeServer();

  std::string address() const;
  int port() const { return port_; }
  // Every call ends; later ones are refused.
  void Stop();
  // On the same port, knowing what it knew.
  void StartAgain();

  // Publishes the next version of acme/PROMPT.
  uint32_t Publish(const std::string& prompt, const std::string& text);
  // One change; no targets remove the label.
  void MoveLabel(const std::string& prompt, const std::string& label,
                 std::vector<std::pair<uint32_t, uint32_t>> version_weights);
  // The same in a change so wide that the move stands on its second page.
  void MoveLabelOnSecondPage(const std::string& prompt, const std::string& label,
                             std::vector<std::pair<uint32_t, uint32_t>> version_weights);
  // A change that touches nothing anybody asked for.
  void PublishElsewhere();
  // Forgets the changes after `sequence`, as a restored backup does.
  void Rewind(int64_t sequence);

  // The next call of this method, or "*" of any, fails so.
  void FailNext(const std::string& method, grpc::Status status);
  int calls(const std::string& method);
  int total_calls();
  // Waits until so many watchers are connected, at most 30 s.
  bool WaitForWatchers(int count);
  bool WaitForNoWatchers();
  // Waits until the method was called so often, at most 30 s.
  bool WaitForCalls(const std::string& method, int count);
  // Runs when the method is called, before it answers.
  void OnCall(const std::string& method, std::function<void()> run);

  // What came with the last call of a method.
  struct Seen {
    std::string caller;
    std::string traceparent;
    std::string request_id;
    absl::Duration time_left;
  };
  std::vector<Seen> seen(const std::string& method);

  // Every status a fake gives carries these details.
  static grpc::Status Failure(grpc::StatusCode code, const std::string& reason,
                              const std::string& message, absl::Duration retry_delay = {});

 private:
  class Registry;
  class Completion;

  // Counts, remembers and maybe fails a call.
  grpc::Status Begin(const std::string& method, grpc::ServerContext* context,
                     const std::string& request_id = "");
  v1::Version VersionLocked(const std::string& prompt, uint32_t version);
  v1::Change& AppendChangeLocked();
  v1::LabelMove MoveLabelLocked(const std::string& prompt, const std::string& label,
                                int64_t sequence,
                                const std::vector<std::pair<uint32_t, uint32_t>>& version_weights);
  void Listen();

  int port_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<Completion> completion_;
  std::unique_ptr<grpc::Server> server_;

  std::mutex mu_;
  std::condition_variable changed_;
  // Guarded by mu_.
  std::map<std::string, std::vector<std::string>> prompts_;  // Texts by version.
  std::map<std::string, std::map<std::string, v1::Label>> labels_;
  std::vector<v1::Change> changes_;
  std::map<int64_t, v1::Change> second_pages_;  // By sequence.
  std::map<std::string, std::deque<grpc::Status>> failures_;
  std::map<std::string, std::vector<Seen>> seen_;
  std::map<std::string, std::function<void()>> on_call_;
  int watchers_ = 0;
};

}  // namespace colophon
