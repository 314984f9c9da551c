#pragma once

// LIFE OF A CHANGE: `Publisher::Make` in publisher.cc, top to bottom.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "service/base/clock.h"
#include "service/git/objects.h"
#include "service/registry/catalog.h"
#include "service/registry/change_request.h"
#include "service/registry/feed.h"
#include "service/registry/publish_queue.h"
#include "service/registry/repository_writer.h"
#include "service/store/store.h"

namespace colophon {

// The one writer of every repository: turns a request into one store
// transaction — objects, ref, versions, labels, change — and a wake-up, or into
// nothing. Changes of one repository are built one after the other, each on the
// one before it, without waiting for the disk in between, so that those who
// publish at the same time share a sync. What is served moves only when a
// change is durable.
//
// If the process dies, the change is there at the next start or it never was.
//
// Thread-safe. Replies come from another thread, or from the caller's when the
// change is refused at once.
class Publisher {
 public:
  Publisher(Store* store, Clock* clock, Catalog* catalog, Feed* feed);
  // Refuses what waits with UNAVAILABLE STOPPING, and returns when nothing is on
  // its way to the disk. REQUIRES: nobody submits any more.
  ~Publisher();

  // RESOURCE_EXHAUSTED BUSY when too many wait. CANCELLED ABANDONED when nobody
  // waits for it any more before it is handed to the store.
  void Submit(ChangeRequest request, BytesReply reply);

  // ALREADY_EXISTS REPOSITORY_EXISTS.
  void CreateRepository(const std::string& name,
                        std::function<void(absl::StatusOr<v1::Repository>)> reply);

 private:
  std::shared_ptr<RepositoryWriter> WriterOf(const std::string& repository);
  // Takes the reply when it is OK.
  absl::Status Make(const std::shared_ptr<RepositoryWriter>& writer, const ChangeRequest& request,
                    BytesReply* reply);
  absl::StatusOr<Workspace*> OpenWorkspace(RepositoryWriter& writer);
  void HandToStore(const std::shared_ptr<RepositoryWriter>& writer,
                   std::vector<BuiltChange> changes, RepositoryWriter::Pending pending);
  void CountPending(int count);

  // Constant after construction.
  Store* const store_;
  Clock* const clock_;
  Catalog* const catalog_;
  Feed* const feed_;

  ObjectCache cache_;

  std::mutex mu_;
  // Guarded by mu_.
  std::map<std::string, std::shared_ptr<RepositoryWriter>> writers_;
  int64_t pending_count_ = 0;
  std::condition_variable none_pending_;

  PublishQueue queue_;  // Last, for its threads use all else.
};

}  // namespace colophon
