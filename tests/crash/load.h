#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "client/cpp/client.h"
#include "tests/crash/history.h"

namespace colophon {

inline constexpr char kRepository[] = "crash";
inline constexpr int kPrompts = 6;

// "load/p3"
std::string PromptPath(int number);

// The repository, its prompts and their labels, before the first round.
absl::Status PrepareRepository(const Client& client);

// Callers, streams, publishers, label movers and a watcher at work on one
// server, each on a thread of its own. What they try and are told goes to the
// history.
//
// Not thread-safe, but for what its own threads do.
class Load {
 public:
  // `first_sequence` is where the watcher begins.
  Load(const Client& client, History* history, std::string round, uint64_t seed,
       int64_t first_sequence);
  ~Load();

  // To be called right before the server is killed: from now on calls may fail.
  void ExpectFailures() { may_fail_ = true; }
  // Waits until every thread has met the server's end.
  void Join();

 private:
  using Random = std::mt19937_64;

  // Runs `step(number, random)` again and again until it says false.
  void Repeat(const std::string& kind, uint64_t seed,
              std::function<bool(const std::string& operation, Random& random)> step);
  // False: the server is gone, or did what it must not.
  bool GoOn(const std::string& operation, const absl::Status& status);

  bool Call(const std::string& operation, Random& random);
  bool StreamCall(const std::string& operation, Random& random);
  bool Publish(const std::string& operation, Random& random);
  bool MoveLabel(const std::string& operation, Random& random);
  void Watch(int64_t first_sequence);

  const Client client_;
  History* const history_;
  const std::string round_;
  std::atomic<bool> may_fail_{false};
  std::vector<std::thread> threads_;
};

}  // namespace colophon
