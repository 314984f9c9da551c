#pragma once

// The attacks that cost time or memory, each of them once a finding: what a
// caller, an author or an upstream can do to a server with little of its own.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cpp/client.h"
#include "service/base/status.h"
#include "tests/testing/model_server.h"

namespace colophon::bench {

// What an attack's calls were answered, and how often.
//
// Thread-safe.
class Answers {
 public:
  void Add(const absl::Status& status);
  void Add(const std::string& what, int64_t count = 1);
  // "12 × OK, 3 × DEADLINE_EXCEEDED"
  std::string Format() const;

 private:
  mutable std::mutex mu_;
  std::map<std::string, int64_t> counts_;  // Guarded by mu_.
};

// The server that is attacked, and what the attack needs.
class AttackContext {
 public:
  AttackContext(std::string address, int port, bool small, ModelServer* model);

  // A connection of its own to the server, for a caller "attacker".
  Client Connect() const;
  const std::string& address() const { return address_; }
  int port() const { return port_; }
  // The size for a test, which takes seconds; else for a bench.
  bool small() const { return small_; }
  int Size(int small, int full) const { return small_ ? small : full; }
  // The API of the provider "upstream".
  ModelServer& model() { return *model_; }
  Answers& answers() { return answers_; }

  void Begin(absl::Duration duration) { end_ = absl::Now() + duration; }
  bool over() const { return absl::Now() >= end_; }
  absl::Time end() const { return end_; }

  // Stays as it is until the server has been told to end.
  void Keep(std::shared_ptr<void> connection) { kept_.push_back(std::move(connection)); }

 private:
  const std::string address_;
  const int port_;
  const bool small_;
  ModelServer* const model_;
  Answers answers_;
  absl::Time end_ = absl::InfiniteFuture();
  std::vector<std::shared_ptr<void>> kept_;
};

struct Attack {
  std::string name;     // "lookup by a list"
  std::string finding;  // Of the notes: "2".
  // By how much the server's resident memory may grow, at the most, at any time.
  int64_t most_mib = 256;
  std::string config;  // Of the server, beside what all have.
  int open_files = 0;  // The server's limit; 0: ours.
  // Publishes what is needed. Nothing is measured yet.
  std::function<absl::Status(AttackContext&)> prepare;
  bool restart = false;  // After that: nothing is in memory.
  // Goes on until the context says that it is over.
  std::function<void(AttackContext&)> run;
};

// In the order of the findings.
std::vector<Attack> AllAttacks(bool small);

std::vector<Attack> RenderingAttacks();
std::vector<Attack> SchemaAttacks();
std::vector<Attack> ConnectionAttacks(bool small);
std::vector<Attack> ChangeAttacks();
std::vector<Attack> MessageAttacks();

// --- For those who write attacks.

inline constexpr char kHostile[] = "hostile";  // The attacker's repository.

// Runs `work(i)` on so many threads and waits for them.
void InParallel(int count, const std::function<void(int)>& work);

// Creates the repository if need be; "p.prompt" to its content.
absl::Status PublishFiles(const Client& client, const std::string& repository,
                          const std::map<std::string, std::string>& files);

}  // namespace colophon::bench
