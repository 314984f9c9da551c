#include "service/registry/changed_files.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {

absl::Status ChangedFiles::Take(const ChangeProposal& proposal) {
  if (proposal.commit) {
    for (const SharedObject& object : proposal.commit->objects) stage_.Put(object);
  }
  for (const CheckedEdit& edit : proposal.edits) {
    ASSIGN_OR_RETURN(const TreeFile before, finder_.Find(root_, edit.path));
    if (!edit.file.exists()) {
      if (!before.exists()) {
        return NotFound("FILE_NOT_FOUND", fmt::format("no file {} to delete", Quoted(edit.path)));
      }
      edits_[edit.path] = std::nullopt;
      std::string prompt = PromptOfPath(edit.path);
      if (!prompt.empty()) deleted_prompts_.insert(std::move(prompt));
      continue;
    }
    if (before == edit.file) continue;
    edits_[edit.path] = edit.file.id;
    if (edit.blob != nullptr) stage_.Put(edit.blob);
    if (!before.exists()) added_paths_.insert(edit.path);
  }
  return absl::OkStatus();
}

absl::StatusOr<ChangedFiles::Content> ChangedFiles::Read(const std::string& path) {
  std::optional<ObjectId> blob;
  if (const auto edit = edits_.find(path); edit != edits_.end()) {
    blob = edit->second;
  } else {
    ASSIGN_OR_RETURN(blob, finder_.FindFile(root_, path));
  }
  if (!blob) return std::nullopt;
  blobs_read_[path] = *blob;
  ASSIGN_OR_RETURN(const SharedObject object, stage_.Get(*blob, ObjectType::kBlob));
  return object->data;
}

absl::StatusOr<ChangedFiles::Content> ChangedFiles::ReadBefore(const std::string& path) {
  return finder_.Read(root_, path);
}

absl::StatusOr<bool> ChangedFiles::ExistedBefore(const std::string& path) {
  ASSIGN_OR_RETURN(const TreeFile file, finder_.Find(root_, path));
  return file.exists();
}

void ChangedFiles::Write(const std::string& path, std::string content) {
  edits_[path] = stage_.Put(ObjectType::kBlob, std::move(content));
}

absl::Status ChangedFiles::Delete(const std::string& path) {
  ASSIGN_OR_RETURN(const bool existed, ExistedBefore(path));
  if (existed) edits_[path] = std::nullopt;
  return absl::OkStatus();
}

const ObjectId* ChangedFiles::FindBlobRead(const std::string& path) const {
  const auto found = blobs_read_.find(path);
  return found == blobs_read_.end() ? nullptr : &found->second;
}

}  // namespace colophon
