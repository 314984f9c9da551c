#pragma once

// What publishing files of this machine would say of them, without a server.

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/cli/tree.h"
#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"

namespace colophon {

class LocalCheck {
 public:
  // Where the search for partials ends; empty: chosen for each file, see
  // FindLocalPath.
  explicit LocalCheck(std::string root) : root_(std::move(root)) {}

  // A file, or a folder's prompt, label, schema and tool files. NOT_FOUND and
  // INVALID_ARGUMENT when there is nothing to check there.
  absl::Status Add(const std::string& path);

  // Prompts first, with their closures; then what no prompt includes or names,
  // alone. Whether a labels file names versions that there are is for the server
  // to know. To be called once.
  absl::Status Run();

  // Sorted by path and place, each once. Paths are from the current folder, or
  // absolute when they aren't below it.
  const std::vector<v1::Diagnostic>& diagnostics() const { return diagnostics_; }
  int prompts() const { return prompts_; }
  int errors() const { return CountOf(v1::Diagnostic::SEVERITY_ERROR); }
  int warnings() const { return CountOf(v1::Diagnostic::SEVERITY_WARNING); }

 private:
  struct File {
    FoundFile found;
    std::string name;  // As a repository would name it.
  };

  absl::Status CheckPrompt(const FoundFile& file);
  // Its name, as publishing it from here would make it.
  void CheckName(const File& file);
  absl::Status CheckAlone(const FoundFile& file);
  // Paths of `found` are from `root`.
  void Take(const std::filesystem::path& root, std::vector<v1::Diagnostic> found);
  void Sort();
  int CountOf(v1::Diagnostic::Severity severity) const;

  const std::string root_;
  std::map<std::string, File> files_;  // By their absolute path.
  std::set<std::string> seen_;         // Of these, and beyond, what a prompt was checked with.
  std::vector<v1::Diagnostic> diagnostics_;
  int prompts_ = 0;
};

}  // namespace colophon
