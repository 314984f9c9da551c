// What attacks do to a server: for each a fresh colophond, the attack, and
// beside it callers who have done nothing. Prints a table.
//
//   colophon_attacks [--only NAME] [--seconds 10] [--small] [--dir FOLDER]

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "fmt/format.h"
#include "tests/bench/attacks/attack.h"
#include "tests/bench/attacks/run_attack.h"
#include "tests/bench/machine.h"
#include "tests/bench/stats.h"
#include "tests/testing/temp_dir.h"

namespace colophon::bench {
namespace {

struct Flags {
  std::string only;
  std::string folder = "/var/tmp";
  double seconds = 10;
  bool small = false;
};

std::string FormatMiB(int64_t bytes) { return fmt::format("{}", bytes >> 20); }

std::string FormatHold(const AttackResult& result) {
  if (!result.longest_loop_hold) return "not told";
  return fmt::format("{:.1f} ms", absl::ToDoubleMilliseconds(*result.longest_loop_hold));
}

// "GetVersion 3/12 ms": 99 of 100 waited no longer than the first, none longer
// than the second.
std::string FormatHonest(const AttackResult& result) {
  std::string text;
  for (const auto& [kind, waits] : result.honest) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {:.0f}/{:.0f}", kind, Percentile(waits.milliseconds, 0.99),
                        Percentile(waits.milliseconds, 1));
    if (waits.failures > 0) text += fmt::format(" ({} × {})", waits.failures, waits.failure);
  }
  return result.recovered ? text : text + "; not served again in a minute";
}

std::string FormatEnd(const AttackResult& result) {
  if (result.ended_before) return fmt::format("was gone: {}", result.exit_code.value_or(-1));
  if (!result.exit_code) return "had to be killed";
  return fmt::format("{} after {:.1f} s", *result.exit_code,
                     absl::ToDoubleSeconds(result.end_time));
}

int Run(const Flags& flags) {
  setenv("TMPDIR", flags.folder.c_str(), 1);
  const TempDir folder;
  fmt::print("{}{} s an attack{}\n\n", LookAtMachine(folder.path()).Format(), flags.seconds,
             flags.small ? ", in the small size of the tests" : "");
  fmt::print(
      "| finding | attack | longest hold of a loop | memory before/peak/after, MiB | SIGTERM: exit "
      "code | others' waits, p99/longest, ms | the attack's calls |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n");
  int number = 0;
  int failures = 0;
  for (const Attack& attack : AllAttacks(flags.small)) {
    if (attack.name.find(flags.only) == std::string::npos) continue;
    AttackOptions options;
    options.small = flags.small;
    options.duration = absl::Seconds(flags.seconds);
    options.folder = folder / fmt::format("{}", ++number);
    const absl::StatusOr<AttackResult> result = RunAttack(attack, options);
    if (!result.ok()) {
      fmt::print("| {} | {} | not measured: {} |\n", attack.finding, attack.name,
                 result.status().ToString());
      ++failures;
    } else {
      fmt::print("| {} | {} | {} | {}/{}/{} | {} | {} | {} |\n", attack.finding, attack.name,
                 FormatHold(*result), FormatMiB(result->resident_before),
                 FormatMiB(result->resident_peak), FormatMiB(result->resident_after),
                 FormatEnd(*result), FormatHonest(*result), result->answers);
    }
    std::fflush(stdout);
  }
  return failures == 0 && number > 0 ? 0 : 1;
}

}  // namespace
}  // namespace colophon::bench

int main(int argc, char** argv) {
  colophon::bench::Flags flags;
  CLI::App app("Attacks colophond and prints what others notice");
  app.add_option("--only", flags.only, "Only attacks with this in their name");
  app.add_option("--seconds", flags.seconds, "Length of one attack")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 600.0));
  app.add_flag("--small", flags.small, "The size that the tests have");
  app.add_option("--dir", flags.folder, "Folder for the servers' data; nothing stays there")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);
  return colophon::bench::Run(flags);
}
