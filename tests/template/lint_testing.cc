#include "tests/template/lint_testing.h"

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "service/template/lint/lint.h"

namespace colophon {
namespace {

std::vector<v1::Diagnostic> Warnings(const Tree& tree) {
  const Loaded loaded = LoadTree("p.prompt", tree);
  EXPECT_NE(loaded.closure, nullptr) << loaded.Text() << tree.at("p.prompt");
  std::vector<v1::Diagnostic> found;
  if (loaded.closure == nullptr) return found;
  lint::Lint(*loaded.closure, &found);
  for (const v1::Diagnostic& warning : found) {
    const bool refuses = warning.code() == "IGNORED_BLOCK" || warning.code() == "BAD_PARAMETER";
    EXPECT_EQ(warning.severity(),
              refuses ? v1::Diagnostic::SEVERITY_ERROR : v1::Diagnostic::SEVERITY_WARNING)
        << warning.DebugString();
    EXPECT_GT(warning.line(), 0) << warning.DebugString();
  }
  return found;
}

}  // namespace

std::string LintTree(const Tree& tree) {
  std::string text;
  for (const v1::Diagnostic& warning : Warnings(tree)) {
    text += fmt::format("{}{}{}:{} {}", text.empty() ? "" : "\n",
                        warning.path() == "p.prompt" ? "" : warning.path() + ":", warning.line(),
                        warning.column(), warning.code());
  }
  return text;
}

std::string LintPrompt(std::string_view text) {
  return LintTree({{"p.prompt", std::string(text)}});
}

std::string LintMessages(const Tree& tree) {
  std::string text;
  for (const v1::Diagnostic& warning : Warnings(tree)) text += warning.message() + "\n";
  return text;
}

}  // namespace colophon
