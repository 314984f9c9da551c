// Front matter: nothing crashes, every problem has a place, and what is
// accepted can be rendered.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "service/base/json.h"
#include "service/template/prompt/closure_loader.h"
#include "service/template/render/renderer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace colophon;
  const std::string text =
      "---\n" + std::string(reinterpret_cast<const char*>(data), size) + "\n---\n{{a}}";
  const prompt::ReadFile read = [&](const std::string& path) -> std::optional<std::string> {
    if (path == "p.prompt") return text;
    if (path.ends_with(".schema.json")) return R"({"type":"object","required":["a"]})";
    if (path.ends_with(".tool.json")) return R"({"name":"t","inputSchema":{"a":"S"}})";
    return std::nullopt;
  };
  std::vector<v1::Diagnostic> diagnostics;
  const auto closure = prompt::LoadClosure("p.prompt", read, &diagnostics);
  if (!closure.ok()) std::abort();
  for (const v1::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.code().empty() || !IsUtf8(diagnostic.message())) std::abort();
  }
  if (*closure == nullptr) {
    if (diagnostics.empty()) std::abort();
    return 0;
  }
  render::Input input;
  input.variables["a"] = "x";
  (void)render::Render(**closure, input);
  return 0;
}
