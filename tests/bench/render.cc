// Rendering a 2 KiB prompt with ten variables and one partial, from a closure
// that is loaded; against the reference runtime, from a prompt that it compiled.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/closure.h"
#include "service/template/prompt/closure_loader.h"
#include "service/template/render/renderer.h"
#include "tests/bench/child.h"
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

std::string Partial() { return "Be brief, polite and exact. " + TextOfSize(100, 99); }

absl::StatusOr<std::shared_ptr<const prompt::Closure>> LoadPrompt() {
  const std::map<std::string, std::string> files = {{kPath, PromptWithVariables()},
                                                    {"support/_tone.prompt", Partial()}};
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(std::shared_ptr<const prompt::Closure> closure,
                   prompt::LoadClosure(
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

// Microseconds a rendering.
absl::StatusOr<double> MeasureOurs(const prompt::Closure& closure, const render::Input& input,
                                   absl::Duration duration) {
  const SteadyClock::time_point start = SteadyClock::now();
  const SteadyClock::time_point end = start + absl::ToChronoNanoseconds(duration);
  SteadyClock::time_point now = start;
  int64_t count = 0;
  for (; now < end; now = SteadyClock::now()) {
    for (int i = 0; i < kBatch; ++i) RETURN_IF_ERROR(render::Render(closure, input).status());
    count += kBatch;
  }
  return std::chrono::duration<double, std::micro>(now - start).count() /
         static_cast<double>(count);
}

// The npm package `dotprompt`, by render_reference.js.
class Reference {
 public:
  Reference(std::string folder, const json::object& variables, const std::string& text,
            absl::Duration duration)
      : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/case.json")
        << WriteJson(json::object{{"source", PromptWithVariables()},
                                  {"partials", {{"tone", Partial()}}},
                                  {"variables", variables},
                                  {"text", text},
                                  {"seconds", absl::ToDoubleSeconds(duration)}});
  }

  absl::StatusOr<double> Run() {
    const std::string log = folder_ + "/log";
    std::filesystem::remove(log);
    RETURN_IF_ERROR(RunToEnd({"node", RENDER_REFERENCE, folder_ + "/case.json"}, log, kLimit));
    double microseconds = 0;
    if (!(std::ifstream(log) >> microseconds)) return Internal(log + " holds no figure");
    return microseconds;
  }

 private:
  static constexpr absl::Duration kLimit = absl::Seconds(60);

  const std::string folder_;
};

}  // namespace

absl::Status MeasureRender(const Options& options, Table* table) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const prompt::Closure> closure, LoadPrompt());
  render::Input input;
  for (int i = 0; i < kVariables; ++i) {
    input.variables[fmt::format("variable{}", i)] = fmt::format("the value of variable {}", i);
  }
  ASSIGN_OR_RETURN(const v1::Rendered sample, render::Render(*closure, input));
  const std::string& text = sample.messages(0).parts(0).text();
  const absl::Duration slice = options.slice / 2;
  Reference reference(options.folder + "/render", input.variables, text, slice);
  std::vector<std::function<absl::StatusOr<double>()>> sides = {
      [&] { return MeasureOurs(*closure, input, slice); }};
  if (std::getenv("NODE_PATH") != nullptr) {
    sides.emplace_back([&] { return reference.Run(); });
  } else {
    table->NotMeasured("render",
                       "against the npm package dotprompt: NODE_PATH doesn't say where it is, as "
                       "tests/bench/run does");
  }
  ASSIGN_OR_RETURN(const std::vector<std::vector<double>> microseconds,
                   AlternateRates(options.rounds, sides));

  const std::string what = "a 2 KiB prompt, ten variables, one partial";
  table->Add({"render", what, "", "µs", microseconds[0], {}, Goal::AtMost(5)});
  if (microseconds.size() > 1) {
    table->Add({"render", what, "npm dotprompt", "µs", microseconds[0], microseconds[1], {}});
  }
  table->Note("render", fmt::format("{} bytes of text, byte-equal, from a prompt that is loaded",
                                    text.size()));
  return absl::OkStatus();
}

}  // namespace colophon::bench
