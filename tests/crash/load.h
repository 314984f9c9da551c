#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "client/cpp/client.h"
#include "tests/crash/ledger.h"

namespace colophon {

inline constexpr char kRepository[] = "crash";
inline constexpr int kPrompts = 6;

// "load/p3"
std::string PromptPath(int number);

// The repository, its prompts and their labels, before the first round.
absl::Status PrepareRepository(const Client& client);

// One thread of a client: completions, streams, publishes, drafts, label moves,
// archives, records of its own calls, requests sent twice, one after the other
// in random order, until the server is gone. What it sends and is told goes to
// the ledger.
//
// Not thread-safe.
class Worker {
 public:
  // `name` is "r3-c0-t1": the round, the client and the thread.
  Worker(const Client& client, Ledger* ledger, std::string name, uint64_t seed);

  // Returns when a call failed.
  void Run();

 private:
  using Random = std::mt19937_64;

  // Each is one operation. False: no answer came.
  bool Step(const std::string& operation);
  bool Call(const std::string& operation);
  bool StreamCall(const std::string& operation);
  bool RecordOwnCall(const std::string& operation);
  bool Publish(const std::string& operation);
  bool PublishDraft(const std::string& operation);
  bool MoveLabel(const std::string& operation);
  bool ArchiveOrRevive(const std::string& operation);

  bool SendPublish(const std::string& operation, const v1::PublishRequest& request);
  template <class Request, class Response>
  bool SendChange(const std::string& operation, const char* method, const Request& request,
                  absl::StatusOr<Response> (Client::*call)(const Request&, const CallOptions&)
                      const);
  v1::CompleteRequest MakeCall(const std::string& operation, const std::string& text);
  // No answer came: told to the ledger. Always false.
  bool Failed(const std::string& operation, const absl::Status& status);
  uint64_t Below(uint64_t bound) { return random_() % bound; }

  const Client client_;
  Ledger* const ledger_;
  const std::string name_;
  const std::string slot_;  // "c0-t1": the same in every round.
  Random random_;
  std::optional<bool> own_prompt_lives_;  // Not known at first.
};

// Follows the repository's changes from `first_sequence` on, until the server
// is gone.
void Watch(const Client& client, Ledger* ledger, int64_t first_sequence);

}  // namespace colophon
