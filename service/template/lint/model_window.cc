#include "service/template/lint/model_window.h"

#include <algorithm>

namespace colophon::lint {
namespace {

// A model's name is `name`, or goes on with "-" or ":", as in
// "gpt-4o-2024-08-06"; the longest one counts.
struct Window {
  std::string_view name;
  int64_t tokens;
};

// As of November 2026. The makers document them at
//   platform.openai.com/docs/models
//   docs.claude.com/en/docs/about-claude/models/overview
//   ai.google.dev/gemini-api/docs/models
// Where a model has a larger window for some (Claude's 1M), it is that one: a
// prompt which exceeds it exceeds both. A model that isn't here isn't checked,
// and no name stands for versions that are still to come.
constexpr Window kWindows[] = {
    {"gpt-3.5-turbo", 16'385},
    {"gpt-4", 8'192},
    {"gpt-4-32k", 32'768},
    {"gpt-4-0125", 128'000},
    {"gpt-4-1106", 128'000},
    {"gpt-4-turbo", 128'000},
    {"gpt-4-vision", 128'000},
    {"gpt-4.1", 1'047'576},
    {"gpt-4.5-preview", 128'000},
    {"gpt-4o", 128'000},
    {"chatgpt-4o", 128'000},
    {"gpt-5", 400'000},
    {"o1", 200'000},
    {"o3", 200'000},
    {"o4-mini", 200'000},
    {"claude-instant-1.2", 100'000},
    {"claude-2.0", 100'000},
    {"claude-2.1", 200'000},
    {"claude-3-haiku", 200'000},
    {"claude-3-sonnet", 200'000},
    {"claude-3-opus", 200'000},
    {"claude-3-5-haiku", 200'000},
    {"claude-3-5-sonnet", 200'000},
    {"claude-3-7-sonnet", 200'000},
    {"claude-haiku-4-5", 200'000},
    {"claude-sonnet-4-0", 1'000'000},
    {"claude-sonnet-4-20250514", 1'000'000},
    {"claude-sonnet-4-5", 1'000'000},
    {"claude-sonnet-4-6", 1'000'000},
    {"claude-opus-4-0", 200'000},
    {"claude-opus-4-20250514", 200'000},
    {"claude-opus-4-1", 200'000},
    {"claude-opus-4-5", 200'000},
    {"claude-opus-4-6", 1'000'000},
    {"gemini-1.0-pro", 32'760},
    {"gemini-1.5-flash", 1'048'576},
    {"gemini-1.5-pro", 2'097'152},
    {"gemini-2.0-flash", 1'048'576},
    {"gemini-2.5-flash", 1'048'576},
    {"gemini-2.5-pro", 1'048'576},
};

}  // namespace

int64_t ModelWindow(std::string_view model) {
  const std::string_view name = model.substr(model.rfind('/') + 1);
  const Window* best = nullptr;
  for (const Window& window : kWindows) {
    if (!name.starts_with(window.name)) continue;
    const std::string_view rest = name.substr(window.name.size());
    if (!rest.empty() && rest[0] != '-' && rest[0] != ':') continue;
    if (best == nullptr || window.name.size() > best->name.size()) best = &window;
  }
  return best == nullptr ? 0 : best->tokens;
}

}  // namespace colophon::lint
