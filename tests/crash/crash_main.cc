// Ends a real server again and again under the mixed load of several client
// processes, most often with -9 and at a random moment, and checks after each
// start that nothing that was acknowledged is lost. Each client keeps a ledger
// of its own.
//
//   crash_campaign --server PATH --client PATH [--rounds 30] [--seed N]
//                  [--clients 3] [--threads 4] [--longest-ms 900] [--lose-bytes N]
//
// A failure prints the seed: the same choices are made again with --seed. Which
// thread was where when the server died can't be chosen.
//
// --lose-bytes cuts the end off the store's write-ahead log after each kill, as
// if it had been acknowledged without a sync and the power had failed: then the
// campaign must fail, which shows that it can.

#include <cstdio>
#include <filesystem>
#include <random>
#include <string>

#include "CLI/CLI.hpp"
#include "fmt/format.h"
#include "tests/crash/campaign.h"

namespace colophon {
namespace {

int Main(int argc, char** argv) {
  CLI::App app{"Kills colophond under load and checks that nothing acknowledged is lost."};
  CampaignFlags flags;
  app.add_option("--server", flags.server, "Path of colophond")->required();
  app.add_option("--client", flags.client, "Path of crash_client")->required();
  app.add_option("--rounds", flags.rounds, "How often to end it")->capture_default_str();
  app.add_option("--seed", flags.seed, "Of every choice; printed at the end");
  app.add_option("--clients", flags.clients, "Processes that work on it")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--threads", flags.threads, "Threads of each")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--longest-ms", flags.longest_ms, "Longest life under load")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--lose-bytes", flags.lose_bytes,
                 "Cut so much off the log after each kill; the campaign must then fail");
  CLI11_PARSE(app, argc, argv);

  std::string folder = (std::filesystem::temp_directory_path() / "colophon-crash-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr, "can't make a folder like {}\n", folder);
    return 1;
  }
  const bool passed = Campaign(flags, folder).Run();
  if (passed || flags.lose_bytes > 0) {
    std::filesystem::remove_all(folder);
  } else {
    fmt::print(stderr, "The store and the ledgers are kept in {}\n", folder);
  }
  return passed ? 0 : 1;
}

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) { return colophon::Main(argc, argv); }
