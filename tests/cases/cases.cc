#include "tests/cases/cases.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

constexpr std::string_view kExpect = ".expect.json";

// The file or folder of that name, whatever it ends in.
std::string InputOf(const std::filesystem::path& folder, const std::string& name) {
  std::string found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename();
    if (file.ends_with(kExpect)) continue;
    if (file == name || file.starts_with(name + "."))
      found = std::max(found, entry.path().string());
  }
  return found;
}

}  // namespace

std::vector<FieldCase> CasesIn(const std::string& folder) {
  const char* root = std::getenv("COLOPHON_CASES");
  if (root == nullptr) return {};
  const std::filesystem::path path = std::filesystem::path(root) / folder;
  std::vector<FieldCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const std::string file = entry.path().filename();
    if (!file.ends_with(kExpect)) continue;
    FieldCase found;
    found.name = file.substr(0, file.size() - kExpect.size());
    found.input = InputOf(path, found.name);
    const auto expect = ParseJson(ReadFileOrDie(entry.path()));
    EXPECT_OK(expect) << file;
    if (expect.ok()) found.expect = expect->as_object();
    cases.push_back(std::move(found));
  }
  std::sort(cases.begin(), cases.end(),
            [](const FieldCase& a, const FieldCase& b) { return a.name < b.name; });
  return cases;
}

const json::value& At(const json::object& object, std::string_view key) {
  static const json::value kNull;
  const json::value* found = object.if_contains({key.data(), key.size()});
  return found == nullptr ? kNull : *found;
}

std::string TextAt(const json::object& object, std::string_view key) {
  const json::value& found = At(object, key);
  return found.is_string() ? std::string(View(found.get_string())) : "";
}

std::vector<std::string> TextsAt(const json::object& object, std::string_view key) {
  std::vector<std::string> texts;
  const json::value& found = At(object, key);
  if (!found.is_array()) return texts;
  for (const json::value& text : found.get_array()) {
    texts.emplace_back(View(text.as_string()));
  }
  return texts;
}

void Report(std::string_view folder, size_t count, const std::vector<std::string>& wrong) {
  if (count == 0) GTEST_SKIP() << "COLOPHON_CASES doesn't name a folder with " << folder << "/";
  fmt::print("{}: {} cases, {} wrong\n", folder, count, wrong.size());
  EXPECT_TRUE(wrong.empty()) << fmt::format("{}", fmt::join(wrong, "\n"));
}

}  // namespace colophon
