#include "service/registry/place.h"

#include <vector>

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/registry/drafts.h"

namespace colophon {

absl::StatusOr<Place> FindPlaceOnMain(Store* store, const Catalog& catalog,
                                      const std::string& repository,
                                      std::optional<int64_t> at_sequence) {
  ASSIGN_OR_RETURN(const int64_t newest, catalog.Sequence(repository));
  Place place;
  place.sequence = at_sequence.value_or(newest);
  if (place.sequence < 0) {
    return InvalidArgument(
        "BAD_MOMENT", fmt::format("at_sequence is {}; it is a sequence from 0", place.sequence));
  }
  if (place.sequence > newest) {
    return Error(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE",
                 fmt::format("sequence {} is not past; the newest change of {} is {}",
                             place.sequence, repository, newest));
  }
  if (place.sequence == 0) return place;
  ASSIGN_OR_RETURN(const v1::Change change, store->GetChange(repository, place.sequence));
  place.commit = ObjectId::FromHex(change.commit()).value_or(ObjectId());
  return place;
}

absl::StatusOr<Place> FindPlaceOnDraft(Store* store, const Catalog& catalog,
                                       const std::string& repository, const std::string& branch) {
  RETURN_IF_ERROR(CheckBranch(branch));
  Place place;
  ASSIGN_OR_RETURN(place.commit, catalog.FindBranch(repository, branch));
  ASSIGN_OR_RETURN(const DraftBase base, FindDraftBase(store, repository, place.commit));
  place.sequence = base.sequence;
  return place;
}

absl::StatusOr<std::vector<TreeDifference>> ListFiles(ObjectReader& objects, const ObjectId& commit,
                                                      const std::string& prefix) {
  ASSIGN_OR_RETURN(const CommitFields fields, ReadCommit(objects, commit));
  ASSIGN_OR_RETURN(std::vector<TreeDifference> files, DiffTrees(objects, ObjectId(), fields.tree));
  std::erase_if(files, [&](const TreeDifference& file) {
    return file.after.mode != kFileMode || !file.path.starts_with(prefix);
  });
  return files;
}

absl::StatusOr<std::vector<TreeDifference>> ListAlteredFiles(ObjectReader& objects,
                                                             const ObjectId& commit,
                                                             const std::string& prefix) {
  ASSIGN_OR_RETURN(const CommitFields fields, ReadCommit(objects, commit));
  ObjectId before;
  if (!fields.parents.empty()) {
    ASSIGN_OR_RETURN(const CommitFields parent, ReadCommit(objects, fields.parents[0]));
    before = parent.tree;
  }
  ASSIGN_OR_RETURN(std::vector<TreeDifference> files, DiffTrees(objects, before, fields.tree));
  std::erase_if(files, [&](const TreeDifference& file) { return !file.path.starts_with(prefix); });
  return files;
}

}  // namespace colophon
