#pragma once

// Which state of a repository's files a caller means, and which files those are.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/base/status.h"
#include "service/git/objects.h"
#include "service/git/tree_diff.h"
#include "service/registry/catalog.h"
#include "service/store/store.h"

namespace colophon {

// A commit, and the sequence that is told with it. A zero commit: there are no files yet.
struct Place {
  ObjectId commit;
  int64_t sequence = 0;
};

// Main after this change; nullopt: as it is. OUT_OF_RANGE BEYOND_SEQUENCE;
// INVALID_ARGUMENT BAD_MOMENT; NOT_FOUND REPOSITORY_NOT_FOUND.
absl::StatusOr<Place> FindPlaceOnMain(Store* store, const Catalog& catalog,
                                      const std::string& repository,
                                      std::optional<int64_t> at_sequence);
// Where the draft stands, and the change of main it began at. NOT_FOUND
// BRANCH_NOT_FOUND.
absl::StatusOr<Place> FindPlaceOnDraft(Store* store, const Catalog& catalog,
                                       const std::string& repository, const std::string& branch);

// By the field `at` of a request.
template <class Request>
absl::StatusOr<Place> FindPlace(Store* store, const Catalog& catalog, const Request& request) {
  if (request.has_branch()) {
    return FindPlaceOnDraft(store, catalog, request.repository(), request.branch());
  }
  return FindPlaceOnMain(
      store, catalog, request.repository(),
      request.has_at_sequence() ? std::optional(request.at_sequence()) : std::nullopt);
}

// The ordinary files of a commit whose paths begin with `prefix`, sorted by path; what
// each is stands in `after`.
absl::StatusOr<std::vector<TreeDifference>> ListFiles(ObjectReader& objects, const ObjectId& commit,
                                                      const std::string& prefix);
// What the commit did with files whose paths begin with `prefix`, since its first parent.
absl::StatusOr<std::vector<TreeDifference>> ListAlteredFiles(ObjectReader& objects,
                                                             const ObjectId& commit,
                                                             const std::string& prefix);

}  // namespace colophon
