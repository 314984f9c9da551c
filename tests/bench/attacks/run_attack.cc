#include "tests/bench/attacks/run_attack.h"

#include <signal.h>

#include <fstream>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "tests/bench/processes.h"
#include "tests/testing/temp_dir.h"

namespace colophon::bench {
namespace {

// A machine with other things to do is slow, and what was stopped isn't lost.
constexpr absl::Duration kBeyondDrain = absl::Seconds(10);

// What an attack left to be done may be done first, and its connections stay.
constexpr absl::Duration kRecovery = absl::Seconds(60);

// The kernel counts the most that is resident anew from here.
void ForgetPeak(const Child& server) {
  std::ofstream(fmt::format("/proc/{}/clear_refs", server.pid())) << "5";
}

std::string ConfigOf(const Attack& attack, const ModelServer& model) {
  return fmt::format(
      "drain_seconds: {}\n"
      "providers {{ name: \"upstream\" kind: KIND_OPENAI base_url: \"{}\" }}\n{}\n",
      absl::ToInt64Seconds(kDrain), model.base_url(), attack.config);
}

bool IsGone(Child& server) { return server.WaitForExit(absl::Milliseconds(5)).ok(); }

std::string EndOf(const std::string& path) {
  const std::string text = ReadFileOrDie(path);
  constexpr size_t kEnough = 2000;
  return text.size() <= kEnough ? text : text.substr(text.size() - kEnough);
}

std::optional<absl::Duration> LongestLoopHold(const Client& client) {
  CallOptions patient;
  patient.timeout = absl::Seconds(60);
  const auto info = client.GetServerInfo({}, patient);
  if (!info.ok() || !info->has_longest_loop_hold()) return std::nullopt;
  return absl::Seconds(info->longest_loop_hold().seconds()) +
         absl::Nanoseconds(info->longest_loop_hold().nanos());
}

}  // namespace

absl::StatusOr<AttackResult> RunAttack(const Attack& attack, const AttackOptions& options) {
  ModelServer model;
  const auto start = [&] {
    return StartColophond(options.folder, ConfigOf(attack, model), attack.open_files);
  };
  ASSIGN_OR_RETURN(Process server, start());
  RETURN_IF_ERROR(HonestLoad::Prepare(server.address()));
  auto context =
      std::make_unique<AttackContext>(server.address(), server.port, options.small, &model);
  if (attack.prepare) RETURN_IF_ERROR(attack.prepare(*context));
  if (attack.restart) {
    kill(server.child->pid(), SIGTERM);
    RETURN_IF_ERROR(server.child->WaitForExit(absl::Seconds(60)).status());
    ASSIGN_OR_RETURN(server, start());
    const std::string so_far = context->answers().Format();
    context = std::make_unique<AttackContext>(server.address(), server.port, options.small, &model);
    context->answers().Add(so_far);
  }

  AttackResult result;
  // Connected before the attack: a server that has all the connections it may have
  // lets further ones wait.
  const Client observer = context->Connect();
  LongestLoopHold(observer);
  ForgetPeak(*server.child);
  result.resident_before = server.child->resident_bytes();
  {
    HonestLoad honest(server.address());
    absl::SleepFor(absl::Milliseconds(300));
    context->Begin(options.duration);
    attack.run(*context);
    // Nobody is served by a server that is gone.
    result.recovered = !IsGone(*server.child) && honest.WaitForEachKind(kRecovery);
    result.honest = honest.Stop();
  }
  result.answers = context->answers().Format();
  result.longest_loop_hold = LongestLoopHold(observer);
  result.resident_after = server.child->resident_bytes();
  result.resident_peak = server.child->peak_resident_bytes();

  result.ended_before = IsGone(*server.child);
  const absl::Time told = absl::Now();
  if (!result.ended_before) kill(server.child->pid(), SIGTERM);
  const absl::StatusOr<int> ended = server.child->WaitForExit(kDrain + kBeyondDrain);
  result.end_time = absl::Now() - told;
  if (ended.ok()) {
    result.exit_code = *ended;
  } else {
    kill(server.child->pid(), SIGKILL);
  }
  if (result.ended_before || result.exit_code != 0) result.log = EndOf(options.folder + "/log");
  return result;
}

}  // namespace colophon::bench
