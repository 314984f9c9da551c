#pragma once

// Partials, schemas and tools: files of a repository that have no versions of their own.

#include <optional>
#include <string>
#include <string_view>

#include "client/cpp/client.h"

namespace colophon {

struct RepositoryFile {
  std::string repository;
  std::string path;  // "support/_tone.prompt"

  // "acme/support/_tone", a partial without its ending, or "acme/support/ticket.schema.json";
  // nullopt for what is none by its name.
  static std::optional<RepositoryFile> Of(std::string_view name);
};

// NOT_FOUND NO_FILE.
absl::Status NoFile(const RepositoryFile& file);

// Its content after a change of main; 0: as it is. NOT_FOUND NO_FILE.
absl::StatusOr<v1::File> GetRepositoryFile(const Client& client, const RepositoryFile& file,
                                           int64_t at_sequence, bool with_content);

}  // namespace colophon
