// A template and its variables: the input up to the first NUL is the template,
// what follows the variables as JSON. Nothing crashes, and one input has one
// output.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "service/base/json.h"
#include "service/template/lint/lint.h"
#include "service/template/prompt/closure_loader.h"
#include "service/template/render/canonical.h"
#include "service/template/render/renderer.h"

namespace colophon {
namespace {

json::object Variables(std::string_view text) {
  const auto value = ParseJson(text);
  if (value.ok() && value->is_object()) return value->get_object();
  return {{"a", "x"},
          {"b", json::array{1, "y", nullptr, json::object{{"c", true}}}},
          {"o", json::object{{"10", 1}, {"k", json::array{}}}},
          {"s", std::string(text)}};
}

void Run(std::string_view text, const json::object& variables) {
  const prompt::ReadFile read = [&](const std::string& path) -> std::optional<std::string> {
    if (path == "p.prompt") return std::string(text);
    if (path == "_p.prompt") return "P{{x}}\n{{> @partial-block}}";
    if (path == "_q.prompt") return "{{#each this}}{{@key}}\n{{/each}}";
    return std::nullopt;
  };
  std::vector<v1::Diagnostic> diagnostics;
  const auto closure = prompt::LoadClosure("p.prompt", read, &diagnostics);
  if (!closure.ok()) std::abort();
  if (*closure == nullptr) {
    if (diagnostics.empty()) std::abort();
    return;
  }
  lint::Lint(**closure, &diagnostics);
  render::Input input;
  input.variables = variables;
  render::Limits limits;
  limits.steps = 20'000;
  limits.output_bytes = 1 << 20;
  const auto once = render::Render(**closure, input, limits);
  const auto again = render::Render(**closure, input, limits);
  if (once.ok() != again.ok()) std::abort();
  if (once.ok() && render::CanonicalRendered(*once) != render::CanonicalRendered(*again))
    std::abort();
}

}  // namespace
}  // namespace colophon

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t nul = input.find('\0');
  const std::string_view rest = nul == input.npos ? "" : input.substr(nul + 1);
  colophon::Run(input.substr(0, nul), colophon::Variables(rest));
  return 0;
}
