#include "service/registry/change_rights.h"

#include "service/base/reference.h"

namespace colophon {

absl::Status CheckMayEdit(const ChangeRequest& request, const ChangedFiles& files) {
  if (request.permissions == nullptr) return absl::OkStatus();
  for (const auto& [path, edit] : files.edits()) {
    // What a labels file does is asked label by label.
    if (KindOfFile(path) == FileKind::kLabels) continue;
    RETURN_IF_ERROR(request.permissions->Check(
        Right::kPublish, {.repository = request.repository, .prompts = path}));
  }
  return absl::OkStatus();
}

absl::Status CheckMayMove(const ChangeRequest& request, const std::vector<v1::LabelMove>& moves) {
  if (request.permissions == nullptr) return absl::OkStatus();
  for (const v1::LabelMove& move : moves) {
    RETURN_IF_ERROR(request.permissions->Check(
        Right::kRelease,
        {.repository = request.repository, .prompts = move.prompt(), .label = move.label()}));
  }
  return absl::OkStatus();
}

absl::Status CheckMayDrop(const ChangeRequest& request) {
  if (request.permissions == nullptr) return absl::OkStatus();
  return request.permissions->Check(Right::kPublish, {.repository = request.repository});
}

}  // namespace colophon
