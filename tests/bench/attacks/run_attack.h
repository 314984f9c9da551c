#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "tests/bench/attacks/attack.h"
#include "tests/bench/attacks/honest_load.h"

namespace colophon::bench {

struct AttackOptions {
  bool small = false;
  absl::Duration duration = absl::Seconds(10);
  std::string folder;  // For the server's data, one an attack.
};

// What an attack did to a fresh server.
struct AttackResult {
  // As the server says; nullopt: it doesn't, or is gone.
  std::optional<absl::Duration> longest_loop_hold;
  std::map<std::string, HonestLoad::Waits> honest;
  bool recovered = false;  // Afterwards, all that others ask for succeeds again.
  int64_t resident_before = 0;
  int64_t resident_peak = 0;  // While it was attacked.
  int64_t resident_after = 0;
  bool ended_before = false;     // It ended by itself under the attack.
  std::optional<int> exit_code;  // After SIGTERM; nullopt: it had to be killed.
  absl::Duration end_time;       // From SIGTERM to its end.
  std::string answers;
  std::string log;  // The end of the server's, when it ended badly.
};

// How long the server is given to end: its calls' time to finish, and some for
// what comes after.
inline constexpr absl::Duration kDrain = absl::Seconds(5);

// Starts colophond, attacks it beside an honest load, stops it.
absl::StatusOr<AttackResult> RunAttack(const Attack& attack, const AttackOptions& options);

}  // namespace colophon::bench
