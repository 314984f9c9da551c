// Rendering a 2 KiB prompt with ten variables and one partial, from a closure
// that is loaded.

#include <chrono>
#include <map>

#include "fmt/format.h"
#include "service/template/closure.h"
#include "service/template/renderer.h"
#include "tests/bench/measures.h"
#include "tests/bench/prompts.h"

namespace colophon::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr char kPath[] = "support/triage.prompt";
constexpr size_t kPromptBytes = 2048;
constexpr int kVariables = 10;
constexpr int kBatch = 1000;

// Its text is cut into as many pieces as there are variables.
std::string PromptWithVariables() {
  std::string prompt = "---\nmodel: echo/echo\n---\n{{role \"system\"}}\n{{> tone}}\n";
  const size_t piece = (kPromptBytes - prompt.size()) / kVariables;
  for (int i = 0; i < kVariables; ++i) {
    const std::string variable = fmt::format("{{{{variable{}}}}} ", i);
    prompt += TextOfSize(piece - variable.size(), static_cast<unsigned>(i)) + variable;
  }
  return prompt;
}

absl::StatusOr<std::shared_ptr<const Closure>> LoadPrompt() {
  const std::map<std::string, std::string> files = {
      {kPath, PromptWithVariables()},
      {"support/_tone.prompt", "Be brief, polite and exact. " + TextOfSize(100, 99)}};
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(std::shared_ptr<const Closure> closure,
                   LoadClosure(
                       kPath,
                       [&](const std::string& path) -> absl::StatusOr<std::optional<std::string>> {
                         const auto found = files.find(path);
                         if (found == files.end()) return std::nullopt;
                         return found->second;
                       },
                       &diagnostics));
  if (closure == nullptr) return DiagnosticsToStatus(diagnostics);
  return closure;
}

}  // namespace

absl::Status MeasureRender(const Options& options, Table* table) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Closure> closure, LoadPrompt());
  RenderInput input;
  for (int i = 0; i < kVariables; ++i) {
    input.variables[fmt::format("variable{}", i)] = fmt::format("the value of variable {}", i);
  }
  ASSIGN_OR_RETURN(const v1::Rendered sample, Render(*closure, input));
  const std::string& text = sample.messages(0).parts(0).text();
  if (text.find("the value of variable 9") == std::string::npos) {
    return Internal("the prompt rendered as something else: " + sample.ShortDebugString());
  }

  std::vector<double> microseconds;
  for (int round = 0; round < options.rounds; ++round) {
    const SteadyClock::time_point start = SteadyClock::now();
    const SteadyClock::time_point end = start + absl::ToChronoNanoseconds(options.slice) / 2;
    SteadyClock::time_point now = start;
    int64_t count = 0;
    for (; now < end; now = SteadyClock::now()) {
      for (int i = 0; i < kBatch; ++i) RETURN_IF_ERROR(Render(*closure, input).status());
      count += kBatch;
    }
    microseconds.push_back(std::chrono::duration<double, std::micro>(now - start).count() /
                           static_cast<double>(count));
  }
  table->Add({"render",
              "a 2 KiB prompt, ten variables, one partial",
              "",
              "µs",
              microseconds,
              {},
              Goal::AtMost(5)});
  table->Note("render", fmt::format("{} bytes of text from a closure that is loaded", text.size()));
  return absl::OkStatus();
}

}  // namespace colophon::bench
