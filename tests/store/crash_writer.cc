// Writes to a store until it is killed, and prints what was acknowledged: a
// line an acknowledgement, each in one write(2).
//
//   crash_writer DIRECTORY
//
//   intent ID       a record's intent is durable; its subject is the id
//   outcome ID      a record's outcome is durable; its error message is the id
//   repository R    this run's repository of changes is durable
//   change N        change N of that repository is durable

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/store/conformance.h"
#include "tests/store/history.h"

namespace colophon {
namespace {

// Far more than a round takes: the parent kills long before.
constexpr int kMaxWrites = 100'000;

void Print(const std::string& line) {
  if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) exit(3);
}

void OrExit(const absl::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "crash_writer: {}\n", MessageOf(status));
  exit(2);
}

void WriteRecords(Store* store, IdGenerator* ids) {
  for (int i = 0; i < kMaxWrites; ++i) {
    const std::string id = ids->NewId();
    v1::Intent intent = MakeIntent("acme");
    intent.set_subject(id);
    OrExit(Await([&](Done done) { store->AppendIntent(id, intent, done); }));
    Print("intent " + id + "\n");
    v1::Outcome outcome = MakeOutcome();
    outcome.set_error_message(id);
    OrExit(Await([&](Done done) { store->AppendOutcome(id, outcome, done); }));
    Print("outcome " + id + "\n");
  }
}

void WriteChanges(Store* store, History* history) {
  for (int i = 0; i < kMaxWrites; ++i) {
    ChangeTransaction transaction =
        history->Publish({{"p", fmt::format("Text {}.", history->sequence())}});
    OrExit(Await([&](Done done) { store->Commit(std::move(transaction), done); }));
    Print(fmt::format("change {}\n", history->sequence()));
  }
}

int Main(const std::string& directory) {
  absl::StatusOr<std::unique_ptr<Store>> store = OpenRocksdbStore(directory);
  OrExit(store.status());
  // The history of a killed round isn't known to this process: each round
  // writes a repository of its own.
  const auto repositories = (*store)->ListRepositories();
  OrExit(repositories.status());
  if (repositories->empty()) {
    OrExit(Await([&](Done done) { (*store)->CreateRepository("acme", absl::Now(), done); }));
  }
  const std::string name = fmt::format("round-{}", repositories->size());
  OrExit(Await([&](Done done) { (*store)->CreateRepository(name, absl::Now(), done); }));
  Print("repository " + name + "\n");

  History history(name);
  IdGenerator ids(Clock::Real());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { WriteRecords(store->get(), &ids); });
  threads.emplace_back([&] { WriteChanges(store->get(), &history); });
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  return colophon::Main(argv[1]);
}
