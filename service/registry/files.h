#pragma once

#include <string>

#include "colophon/v1/registry.pb.h"
#include "service/base/call.h"
#include "service/base/status.h"
#include "service/registry/catalog.h"
#include "service/store/store.h"

namespace colophon {

// The files of a repository as a whole, of main as it was after a change or of a draft:
// what a folder on an author's machine is made from.
//
// Thread-safe. Blocks for disk reads.
class Files {
 public:
  Files(Store* store, const Catalog* catalog) : store_(store), catalog_(catalog) {}

  // OUT_OF_RANGE BEYOND_SEQUENCE; INVALID_ARGUMENT BAD_MOMENT; NOT_FOUND
  // REPOSITORY_NOT_FOUND, BRANCH_NOT_FOUND.
  absl::StatusOr<v1::GetFilesResponse> GetFiles(const v1::GetFilesRequest& request,
                                                const Call& call);

 private:
  Store* const store_;
  const Catalog* const catalog_;
};

}  // namespace colophon
