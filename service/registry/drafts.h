#pragma once

#include <string>

#include "colophon/v1/registry.pb.h"
#include "service/base/call.h"
#include "service/base/status.h"
#include "service/git/objects.h"
#include "service/registry/catalog.h"
#include "service/store/store.h"

namespace colophon {

// Where a draft left main.
struct DraftBase {
  int64_t sequence = 0;  // 0: before main's first change.
  ObjectId commit;       // Zero then.
  int commits = 0;       // The draft has on top of it.
};

// Follows first parents from `head` to the first commit of main.
absl::StatusOr<DraftBase> FindDraftBase(Store* store, const std::string& repository,
                                        const ObjectId& head);

// The drafts that there are. They are written and dropped by the publisher.
//
// Thread-safe. Blocks for disk reads.
class Drafts {
 public:
  Drafts(Store* store, const Catalog* catalog) : store_(store), catalog_(catalog) {}

  absl::StatusOr<v1::ListDraftsResponse> ListDrafts(const v1::ListDraftsRequest& request,
                                                    const Call& call);
  // Of a request with a branch.
  absl::StatusOr<v1::ListChangesResponse> ListChanges(const v1::ListChangesRequest& request,
                                                      const Call& call);

 private:
  Store* const store_;
  const Catalog* const catalog_;
};

}  // namespace colophon
