#include "client/cli/draft_files.h"

#include <utility>

namespace colophon {

absl::StatusOr<DraftFiles> GetDraftFiles(const Client& client, const std::string& repository,
                                         const std::string& branch) {
  v1::GetFilesRequest request;
  request.set_repository(repository);
  request.set_branch(branch);
  DraftFiles draft;
  ASSIGN_OR_RETURN(draft.files, GetRemoteFiles(client, std::move(request)));
  ASSIGN_OR_RETURN(draft.base, GetRemoteFiles(client, repository, draft.files.sequence));
  return draft;
}

}  // namespace colophon
