#pragma once

// What `diff` compares.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "client/cli/folder_files.h"
#include "client/cpp/client.h"
#include "service/base/status.h"

namespace colophon {

// A prompt with all that it includes, or a folder of them, as published or as on disk.
struct DiffSide {
  std::string name;  // "acme/support/triage@v12", "triage.prompt", "acme at change 12"
  std::string file;  // Of the prompt, "support/triage.prompt"; empty: a folder.
  FileMap files;
  // What a folder's prompts are called, by file: "acme/support/triage@v12".
  std::map<std::string, std::string> prompts;

  // nullopt: there is no such file.
  std::optional<std::string_view> Find(const std::string& path) const;
};

// Of a reference, or of a file, see IsFile. INVALID_ARGUMENT BAD_FILE for a file that
// can't be read as a prompt.
absl::StatusOr<DiffSide> LoadSide(const Client& client, const std::string& name);

// The newest of a repository's main.
absl::StatusOr<DiffSide> LoadRepositorySide(const Client& client, const std::string& repository);

// The files of the folder `root`. `repository`: what its prompts are called after; empty:
// nothing, "support/triage".
absl::StatusOr<DiffSide> LoadFolderSide(const std::string& name, const std::string& root,
                                        const std::string& repository);

}  // namespace colophon
