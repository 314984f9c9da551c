#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cpp/client.h"
#include "tests/crash/checker.h"
#include "tests/crash/history.h"
#include "tests/testing/child_process.h"
#include "tests/testing/server_process.h"

namespace colophon {

struct CampaignFlags {
  std::string server;
  std::string client;
  int rounds = 30;
  uint64_t seed = std::random_device()();
  int clients = 3;
  int threads = 4;
  int longest_ms = 900;
  int64_t lose_bytes = 0;
};

// Rounds of: clients work, something happens to the server, the server starts
// again, everything is compared with the clients' ledgers.
//
// Not thread-safe.
class Campaign {
 public:
  // Everything goes into `folder`.
  Campaign(const CampaignFlags& flags, const std::string& folder);

  // False, and what was lost or wrong is on standard error.
  bool Run();

 private:
  // What happens to the server while the clients work.
  enum class Harm {
    kKill,            // SIGKILL.
    kPauseThenKill,   // SIGSTOP, a while later SIGCONT, a while later SIGKILL.
    kKillPaused,      // SIGSTOP, and SIGKILL while it stands still.
    kStop,            // SIGTERM, and it ends by itself.
    kKillStopping,    // SIGTERM, and SIGKILL before it has ended.
    kClientThenKill,  // A client is killed while its calls run; later the server.
  };
  static Harm HarmOf(int round);

  bool Prepare();
  bool Round(int number);
  bool StartClients(int number);
  // From here on the clients' calls may fail.
  bool DoHarm(Harm harm);
  bool ReadLedgers();
  bool MakeBackup(int number);
  bool CheckBackup();
  bool VerifyStore(int number);
  bool Finish();
  bool CheckExport();
  // Starts the server; every fourth time it is killed during that first.
  bool StartAgain(bool kill_while_starting);
  bool Report(const std::string& when, const std::vector<std::string>& problems);
  Client Connect(const ServerProcess& server) const;
  void Wait(int64_t most_milliseconds);

  const CampaignFlags flags_;
  const std::string folder_;
  std::mt19937_64 random_;
  ServerProcess server_;
  std::vector<std::string> client_names_;  // Of the round: "r3-c0".
  std::vector<std::unique_ptr<ChildProcess>> clients_;
  History history_;
  Checker checker_;
  int64_t harm_time_ = 0;  // As in Ledger.
  End end_ = End::kKilled;
  std::string backup_;  // Of the round; empty: none.
  int64_t backup_time_ = 0;
  absl::Time since_ = absl::Now();
  absl::Duration longest_start_;

  int64_t calls_ = 0;  // Acknowledged, and so below.
  int64_t own_calls_ = 0;
  int64_t publishes_ = 0;
  int64_t drafts_ = 0;
  int64_t label_moves_ = 0;
  int64_t archives_ = 0;
  int crashes_while_starting_ = 0;
  int backups_ = 0;
  int verified_ = 0;  // The round after which the whole store was verified last.
};

}  // namespace colophon
