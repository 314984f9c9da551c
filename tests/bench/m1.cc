// M1: GetVersion by label over gRPC, against a bare gRPC server that answers
// the same bytes.

#include "fmt/format.h"
#include "tests/bench/measures.h"
#include "tests/bench/processes.h"
#include "tests/bench/prompts.h"
#include "tests/bench/sides.h"

namespace colophon::bench {
namespace {

constexpr char kPrompt[] = "support/triage";
constexpr size_t kPromptBytes = 2048;

void AddRows(const SideFigures& ours, const SideFigures& echo, const SideFigures& raw,
             Table* table) {
  const std::string what = "GetVersion by label, 64 in flight";
  const std::string bare = "bare gRPC echo";
  table->Add({"M1", what, bare, "calls/s", ours.calls_per_second, echo.calls_per_second,
              Goal::AtLeast(0.95)});
  table->Add({"M1", what + ", p99", bare, "ms", ours.p99, echo.p99, Goal::AtMost(1.2)});
  table->Add({"M1",
              what,
              "bare gRPC echo of ready-made bytes",
              "calls/s",
              ours.calls_per_second,
              raw.calls_per_second,
              {}});
  table->Add({"M1", "server CPU a call", bare, "µs", ours.cpu_per_call, echo.cpu_per_call, {}});
}

}  // namespace

absl::Status MeasureGetVersion(const Options& options, Table* table) {
  const std::string folder = options.folder + "/m1";
  ASSIGN_OR_RETURN(const Process colophond, StartColophond(folder + "/colophond", ""));
  RETURN_IF_ERROR(PublishPrompt(colophond.address(), kPrompt, PromptOfSize(kPromptBytes, 1)));
  LoadTarget target = GetVersionCall(colophond.address(), kPrompt);
  ASSIGN_OR_RETURN(const std::string answer, CallOnce(target));
  RETURN_IF_ERROR(CheckGetVersionAnswer(answer, kPrompt));
  target.min_answer_bytes = answer.size();

  ASSIGN_OR_RETURN(const Process echo, StartEcho(folder + "/echo", answer, false));
  ASSIGN_OR_RETURN(const Process raw, StartEcho(folder + "/raw", answer, true));
  const LoadTarget echo_target{echo.address(), kEchoMethod, EchoRequest(target.request),
                               answer.size()};
  LoadTarget raw_target = echo_target;
  raw_target.address = raw.address();

  ASSIGN_OR_RETURN(const std::vector<SideFigures> figures,
                   CompareSides(options, {{target, {colophond.child.get()}},
                                          {echo_target, {echo.child.get()}},
                                          {raw_target, {raw.child.get()}}}));
  AddRows(figures[0], figures[1], figures[2], table);
  table->Note("M1", fmt::format("a prompt of {} bytes, an answer of {}; one client, one channel",
                                kPromptBytes, answer.size()));
  return absl::OkStatus();
}

}  // namespace colophon::bench
