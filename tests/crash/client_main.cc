// One client of the crash campaign, in a process of its own: some threads that
// work until the server is gone, and a watcher. What was sent and told is in the
// ledger, however this process ends.
//
//   crash_client --address HOST:PORT --ledger FILE --name r3-c0 --seed N
//                --first-sequence N [--threads 4]

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "client/cpp/client.h"
#include "fmt/format.h"
#include "tests/crash/ledger.h"
#include "tests/crash/load.h"

namespace colophon {
namespace {

struct Flags {
  std::string address;
  std::string ledger;
  std::string name;
  uint64_t seed = 0;
  int64_t first_sequence = 0;
  int threads = 4;
};

int Run(const Flags& flags) {
  Ledger ledger(flags.ledger);
  if (!ledger.status().ok()) {
    fmt::print(stderr, "crash_client: can't write {}\n", flags.ledger);
    return 1;
  }
  ClientOptions options;
  options.address = flags.address;
  options.caller = "crash";
  options.retry.max_attempts = 1;  // What was not answered stays not answered.
  const Client client(options);
  std::vector<std::thread> threads;
  for (int i = 0; i < flags.threads; ++i) {
    threads.emplace_back([&, i] {
      Worker(client, &ledger, fmt::format("{}-t{}", flags.name, i),
             flags.seed * 1000 + static_cast<uint64_t>(i))
          .Run();
    });
  }
  threads.emplace_back([&] { Watch(client, &ledger, flags.first_sequence); });
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) {
  colophon::Flags flags;
  CLI::App app("A client of the crash campaign");
  app.add_option("--address", flags.address)->required();
  app.add_option("--ledger", flags.ledger)->required();
  app.add_option("--name", flags.name)->required();
  app.add_option("--seed", flags.seed)->required();
  app.add_option("--first-sequence", flags.first_sequence)->required();
  app.add_option("--threads", flags.threads)->check(CLI::Range(1, 64));
  CLI11_PARSE(app, argc, argv);
  return colophon::Run(flags);
}
