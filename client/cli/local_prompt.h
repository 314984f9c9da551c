#pragma once

// Prompts on this machine, loaded without a server.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/tree.h"
#include "service/base/status.h"
#include "service/template/prompt/closure.h"

namespace colophon {

struct LocalPath {
  FoundFile file;
  std::filesystem::path root;  // Where the search for partials ends.
  std::string path;            // From there: "support/triage.prompt".
};

// `root` empty: the working folder the file is in, else the nearest folder above it that
// has .git, else the top. A link
// keeps its own name. NOT_FOUND NO_FILE; INVALID_ARGUMENT OUTSIDE_ROOT.
absl::StatusOr<LocalPath> FindLocalPath(const FoundFile& file, const std::string& root);
// Of a file that was named itself.
absl::StatusOr<LocalPath> FindLocalPath(const std::string& file, const std::string& root);

// The prompt with all that it names, which is read as ReadFileBelow does below the
// root. Null when there is an error among the
// `diagnostics`; a status is only what reading a file returned. `added`: as for
// LoadClosure.
absl::StatusOr<std::shared_ptr<const prompt::Closure>> LoadLocal(
    const LocalPath& path, std::vector<v1::Diagnostic>* diagnostics,
    const prompt::FrontMatter* added = nullptr);

}  // namespace colophon
