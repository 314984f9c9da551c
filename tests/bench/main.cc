// Prints how Colophon does against its limits and peers; tests/bench/run builds
// and starts it. Each figure is a ratio of two sides that took turns in this run.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/synchronization/mutex.h"
#include "fmt/format.h"
#include "tests/bench/machine.h"
#include "tests/bench/measures.h"
#include "tests/bench/table.h"
#include "tests/testing/temp_dir.h"

namespace colophon::bench {
namespace {

struct Measure {
  const char* name;
  absl::Status (*run)(const Options&, Table*);
};

constexpr Measure kMeasures[] = {
    {"M1", MeasureGetVersion}, {"M3", MeasureComplete}, {"M4", MeasureLatency},
    {"M6", MeasurePublish},    {"M7", MeasureRecorder}, {"streams", MeasureStreams},
    {"render", MeasureRender},
};

struct Flags {
  std::vector<std::string> only;
  std::string json_file;
  std::string folder = "/var/tmp";
  double seconds = 2;
  Options options;
};

std::vector<std::string> MeasureNames() {
  std::vector<std::string> names;
  for (const Measure& measure : kMeasures) names.emplace_back(measure.name);
  return names;
}

bool IsWanted(const Flags& flags, const std::string& name) {
  return flags.only.empty() ||
         std::find(flags.only.begin(), flags.only.end(), name) != flags.only.end();
}

bool SaveJson(const Machine& machine, const Table& table, const std::string& path) {
  json::object object = table.ToJson();
  object["machine"] = machine.ToJson();
  std::ofstream file(path, std::ios::trunc);
  file << WriteJson(object, 2) << "\n";
  file.close();
  if (!file) fmt::print(stderr, "colophon_bench: can't write {}\n", path);
  return static_cast<bool>(file);
}

int Run(Flags flags) {
  // The folder of all servers and stores; TempDir asks the environment.
  setenv("TMPDIR", flags.folder.c_str(), 1);
  const TempDir folder;
  flags.options.folder = folder.path();
  flags.options.slice = absl::Seconds(flags.seconds);
  flags.options.warm_up = flags.options.slice / 4;

  const Machine machine = LookAtMachine(folder.path());
  fmt::print("{}{} rounds of {} s a side\n\n", machine.Format(), flags.options.rounds,
             FormatNumber3(flags.seconds));
  Table table;
  bool complete = true;
  for (const Measure& measure : kMeasures) {
    if (!IsWanted(flags, measure.name)) continue;
    fmt::print(stderr, "measuring {} …\n", measure.name);
    const absl::Status status = measure.run(flags.options, &table);
    if (status.ok()) continue;
    table.NotMeasured(measure.name, MessageOf(status));
    complete = false;
  }
  if (flags.only.empty()) {
    table.NotMeasured("M2, M5, M8 to M12", "not in this issue");
  }
  fmt::print("{}", table.Format());
  if (!flags.json_file.empty() && !SaveJson(machine, table, flags.json_file)) return 1;
  return complete ? 0 : 1;
}

}  // namespace
}  // namespace colophon::bench

int main(int argc, char** argv) {
  // Debian's absl looks for lock cycles at every lock unless told not to, a
  // tenth of a call's time and more; the client is to cost little.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  using colophon::bench::Flags;
  Flags flags;
  CLI::App app("Measures Colophon against its limits and peers");
  app.add_option("--only", flags.only, "Only these measures, M3 or M3,M4")
      ->delimiter(',')
      ->check(CLI::IsMember(colophon::bench::MeasureNames()));
  app.add_option("--json", flags.json_file, "File to write every round to, as JSON");
  app.add_option("--rounds", flags.options.rounds, "Alternating rounds of each measure")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--seconds", flags.seconds, "Length of one side in one round")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 600.0));
  app.add_option("--streams", flags.options.streams, "Streams open at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--dir", flags.folder, "Folder on the disk to measure; nothing stays there")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);
  return colophon::bench::Run(std::move(flags));
}
