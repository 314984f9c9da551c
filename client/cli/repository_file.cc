#include "client/cli/repository_file.h"

#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {

std::optional<RepositoryFile> RepositoryFile::Of(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == name.npos || name.find('@') != name.npos) return std::nullopt;
  RepositoryFile file{.repository = std::string(name.substr(0, slash)),
                      .path = std::string(name.substr(slash + 1))};
  const bool is_partial = file.path[file.path.rfind('/') + 1] == '_';
  if (is_partial && !file.path.ends_with(".prompt")) file.path += ".prompt";
  const FileKind kind = KindOfFile(file.path);
  if (is_partial || kind == FileKind::kSchema || kind == FileKind::kTool) return file;
  return std::nullopt;
}

absl::Status NoFile(const RepositoryFile& file) {
  return NotFound("NO_FILE", fmt::format("no file \"{}\" in {}", file.path, file.repository));
}

absl::StatusOr<v1::File> GetRepositoryFile(const Client& client, const RepositoryFile& file,
                                           int64_t at_sequence, bool with_content) {
  v1::GetFilesRequest request;
  request.set_repository(file.repository);
  request.set_prefix(file.path);
  request.set_omit_content(!with_content);
  request.set_page_size(1);  // In order of path: the file itself comes first.
  if (at_sequence > 0) request.set_at_sequence(at_sequence);
  ASSIGN_OR_RETURN(const auto found, client.GetFiles(request));
  if (found.files().empty() || found.files(0).path() != file.path) return NoFile(file);
  return found.files(0);
}

}  // namespace colophon
