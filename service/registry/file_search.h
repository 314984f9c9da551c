#pragma once

#include "colophon/v1/registry.pb.h"
#include "service/base/call.h"
#include "service/base/status.h"
#include "service/registry/catalog.h"
#include "service/store/store.h"

namespace colophon {

// Which lines of a repository's files hold a text, and which changes brought and took out
// such lines. No index: it reads the files, so many a call, and a page goes on where the
// one before had to stop.
//
// Thread-safe. Blocks for disk reads.
class FileSearch {
 public:
  FileSearch(Store* store, const Catalog* catalog) : store_(store), catalog_(catalog) {}

  // OUT_OF_RANGE BEYOND_SEQUENCE; INVALID_ARGUMENT BAD_MOMENT, BAD_VALUE; NOT_FOUND
  // REPOSITORY_NOT_FOUND, BRANCH_NOT_FOUND.
  absl::StatusOr<v1::SearchFilesResponse> SearchFiles(const v1::SearchFilesRequest& request,
                                                      const Call& call);

 private:
  Store* const store_;
  const Catalog* const catalog_;
};

}  // namespace colophon
