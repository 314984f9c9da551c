// M3: Complete, unary, 1 KiB in and out, records durable before the reply,
// against a bare gRPC server with requests and answers of the same size.

#include "fmt/format.h"
#include "tests/bench/machine.h"
#include "tests/bench/measures.h"
#include "tests/bench/processes.h"
#include "tests/bench/prompts.h"
#include "tests/bench/sides.h"

namespace colophon::bench {
namespace {

constexpr char kEchoPrompt[] = "bench/echo";
constexpr char kHttpPrompt[] = "bench/http";

// Publishes a prompt for this model; the call on it, tried once.
absl::StatusOr<LoadTarget> PrepareCall(const std::string& address, const std::string& prompt,
                                       const std::string& model, std::string* answer) {
  RETURN_IF_ERROR(PublishPrompt(address, prompt, PromptOfText(model)));
  LoadTarget target = CompleteCall(address, prompt);
  ASSIGN_OR_RETURN(*answer, CallOnce(target));
  RETURN_IF_ERROR(CheckCompleteAnswer(*answer, kCallTextBytes));
  target.min_answer_bytes = kCallTextBytes;
  return target;
}

void AddRows(const std::string& upstream, const SideFigures& ours, const SideFigures& echo,
             Table* table) {
  const std::string what = "Complete, 64 in flight, " + upstream;
  const std::string bare = "bare gRPC echo";
  table->Add({"M3", what, bare, "calls/s", ours.calls_per_second, echo.calls_per_second,
              Goal::AtLeast(0.5)});
  table->Add({"M3", what + ", p99", bare, "ms", ours.p99, echo.p99, {}});
  table->Add({"M3",
              "server CPU a call, " + upstream,
              bare,
              "µs",
              ours.cpu_per_call,
              echo.cpu_per_call,
              {}});
}

}  // namespace

absl::Status MeasureComplete(const Options& options, Table* table) {
  const std::string folder = options.folder + "/m3";
  ASSIGN_OR_RETURN(const Process upstream, StartUpstream(folder + "/upstream", kCallTextBytes));
  ASSIGN_OR_RETURN(const Process colophond,
                   StartColophond(folder + "/colophond", ProviderConfig(upstream.port)));
  std::string answer;
  ASSIGN_OR_RETURN(const LoadTarget by_http,
                   PrepareCall(colophond.address(), kHttpPrompt, "bench/instant", &answer));
  ASSIGN_OR_RETURN(const LoadTarget by_echo,
                   PrepareCall(colophond.address(), kEchoPrompt, "echo/echo", &answer));
  ASSIGN_OR_RETURN(const Process echo, StartEcho(folder + "/echo", answer, false));
  const LoadTarget bare{echo.address(), kEchoMethod, EchoRequest(by_echo.request), answer.size()};

  ASSIGN_OR_RETURN(const std::vector<SideFigures> figures,
                   CompareSides(options, {{by_echo, {colophond.child.get()}},
                                          {by_http, {colophond.child.get()}},
                                          {bare, {echo.child.get()}}}));
  AddRows("provider echo", figures[0], figures[2], table);
  AddRows("instant HTTP upstream", figures[1], figures[2], table);
  table->Note("M3", fmt::format("requests of {} bytes, answers of {}; each call writes two synced "
                                "entries, intent and outcome",
                                by_echo.request.size(), answer.size()));
  if (IsInMemory(options.folder)) {
    table->Note("M3", "the folder is in memory: nothing was made durable");
  }
  table->NotMeasured("M3", "over HTTP, against nginx and Portkey: not in this issue");
  return absl::OkStatus();
}

}  // namespace colophon::bench
