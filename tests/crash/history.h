#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "colophon/v1/registry.pb.h"

namespace colophon {

// One completion: what was asked and what was answered. Made by the service, or
// by the app itself and told with CreateRecord.
struct CallFact {
  std::string text;        // The variable.
  std::string record;      // From the stream's start or the answer; empty: neither came.
  std::string version;     // "crash/load/p1@v3", as the answer said; empty: it didn't.
  std::string completion;  // Serialized: as answered, or as told with CreateRecord.
  bool external = false;   // Told with CreateRecord.
  bool acknowledged = false;
  int64_t acknowledge_time = 0;  // As in Ledger.
};

// One change: a publish, on main or on a draft branch, or a label move.
struct ChangeFact {
  std::string method;   // "Publish" or "UpdateLabel".
  std::string request;  // Serialized: what is sent again to hear the same.
  std::string branch;   // Empty: main.
  // Path to content, as sent; nullopt: deleted.
  std::map<std::string, std::optional<std::string>> files;
  bool acknowledged = false;
  bool refused = false;  // The server said no: it must not be there.
  std::string response;  // Serialized, as acknowledged.
  v1::Change change;     // Of the response; empty: it altered nothing.
  int64_t acknowledge_time = 0;
};

// What client processes sent, were told and saw in one round, from their
// ledgers: what a crash must not lose.
//
// Not thread-safe.
class History {
 public:
  // The next round begins: its operations are kept apart from the older ones.
  void BeginRound();
  // Adds what a ledger has. A last line that its process died over is left out.
  absl::Status Read(const std::string& ledger_path);
  // The process was killed while its calls ran: their records may be CANCELLED.
  void ClientWasKilled(const std::string& client) { killed_clients_.insert(client); }
  bool IsOfKilledClient(const std::string& operation) const;

  // Of this round.
  const std::map<std::string, CallFact>& calls() const { return calls_; }
  const std::map<std::string, ChangeFact>& changes() const { return changes_; }
  // What a watcher saw, sequence to commit: it can't have been undone.
  const std::map<int64_t, std::string>& seen() const { return seen_; }
  const std::vector<std::string>& problems() const { return problems_; }
  // Calls that failed before this time: before anybody did the server harm.
  std::vector<std::string> FailuresBefore(int64_t time) const;
  // Of all rounds, acknowledged: operation to record id.
  const std::map<std::string, std::string>& all_calls() const { return all_calls_; }

 private:
  struct Failure {
    int64_t time;
    std::string text;
  };

  absl::Status ReadLine(std::string_view line);
  void Sent(const std::string& operation, const std::string& method, const std::string& bytes);
  void Answered(const std::string& operation, const std::string& bytes, int64_t time);

  std::map<std::string, CallFact> calls_;
  std::map<std::string, ChangeFact> changes_;
  std::map<std::string, std::string> methods_;  // By operation.
  std::map<int64_t, std::string> seen_;
  std::vector<std::string> problems_;
  std::vector<Failure> failures_;
  std::set<std::string> killed_clients_;
  std::map<std::string, std::string> all_calls_;
};

}  // namespace colophon
