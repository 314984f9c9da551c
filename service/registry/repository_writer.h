#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/base/status.h"
#include "service/git/objects.h"
#include "service/registry/built_change.h"
#include "service/registry/change_request.h"
#include "service/registry/workspace.h"
#include "service/store/store.h"

namespace colophon {

// The response, serialized, as it is kept for a repeated request.
using BytesReply = std::function<void(absl::StatusOr<std::string>)>;

// What a repository's one writer knows between changes: the workspace that the next one
// is built on, and those that the store has and that aren't durable yet.
//
// Thread-safe where it says so; the rest belongs to the job that runs, of which there is
// one at a time.
class RepositoryWriter {
 public:
  // Changes that the store has and that aren't durable yet.
  struct Pending {
    std::vector<CatalogUpdate> updates;  // Empty: nothing to serve.
    std::string request_id;
    std::string request_digest;
    std::string response;
    // Guarded by mu_. Those who asked for it.
    std::vector<BytesReply> replies;
    // Guarded by mu_. Those whose answer changes nothing and relies on all that is
    // pending up to this one.
    std::vector<std::pair<BytesReply, std::string>> relying;
  };

  RepositoryWriter(Store* store, ObjectCache* cache, std::string repository)
      : store_(store), cache_(cache), repository_(std::move(repository)) {}

  const std::string& repository() const { return repository_; }

  // Takes notice of what became durable or failed since the last job. False when too
  // much is pending, or something that stands on a failed change: then the job has to
  // wait until Settle says so.
  bool Begin();

  // The workspace, read from the store when there is none that is good. `is_new` says
  // that it was.
  absl::StatusOr<Workspace*> OpenWorkspace(bool* is_new);
  // Whether the last one was thrown away because a change failed.
  bool lost_changes() const { return lost_changes_; }
  void SetWorkspace(std::unique_ptr<Workspace> workspace) { workspace_ = std::move(workspace); }

  // A request whose id was used before gets the first one's answer, or waits for it:
  // true when it has taken the reply. INVALID_ARGUMENT REQUEST_ID_REUSED when it was
  // another request.
  absl::StatusOr<bool> AnswerRepeated(const ChangeRequest& request, BytesReply* reply);
  // Answers a request that changes nothing, as soon as that on which the answer relies
  // is durable. Thread-safe.
  void AnswerWhenDurable(std::string response, BytesReply reply);

  // Notes what is handed to the store, in this order. Thread-safe.
  std::shared_ptr<Pending> Add(Pending pending);
  // The store is done with it. Answers all who wait for it. True when a job that could
  // not begin can begin now. Thread-safe.
  bool Settle(const std::shared_ptr<Pending>& pending, const absl::Status& status);

 private:
  // REQUIRES: mu_ is held.
  bool MayBuild() const;

  // Constant after construction.
  Store* const store_;
  ObjectCache* const cache_;
  const std::string repository_;

  // Of the job that runs.
  std::unique_ptr<Workspace> workspace_;
  bool lost_changes_ = false;

  std::mutex mu_;
  // Guarded by mu_.
  std::deque<std::shared_ptr<Pending>> pending_;  // The oldest first.
  std::map<std::string, std::shared_ptr<Pending>> pending_by_request_id_;
  // What became of changes that the workspace doesn't know of yet.
  int64_t durable_count_ = 0;
  bool one_failed_ = false;  // The workspace stands on nothing.
  bool job_waits_ = false;   // Settle has to say when it can begin.
};

}  // namespace colophon
