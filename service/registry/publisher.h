#pragma once

// LIFE OF A CHANGE: `Publisher::Make` in publisher.cc, top to bottom.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "service/base/clock.h"
#include "service/git/objects.h"
#include "service/registry/catalog.h"
#include "service/registry/change_request.h"
#include "service/registry/feed.h"
#include "service/registry/publish_queue.h"
#include "service/registry/workspace.h"
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
  // The response, serialized, as it is kept for a repeated request.
  using BytesReply = std::function<void(absl::StatusOr<std::string>)>;

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
  struct Job {
    ChangeRequest request;
    BytesReply reply;
  };

  // A transaction that the store has and that isn't durable yet.
  struct PendingCommit {
    CatalogUpdate update;  // Without a head: nothing to serve.
    std::string request_id;
    std::string request_digest;
    std::string response;
    // Guarded by Writer::mu. Those who asked for it.
    std::vector<BytesReply> replies;
    // Guarded by Writer::mu. Those whose answer changes nothing and relies on all
    // commits up to this one.
    std::vector<std::pair<BytesReply, std::string>> relying;
  };

  // What became of commits that a workspace doesn't know of yet.
  struct Settled {
    int64_t durable_count = 0;  // Of those with objects.
    bool one_failed = false;    // The workspace stands on nothing.
  };

  // The writer of one repository.
  struct Writer {
    explicit Writer(std::string name) : repository(std::move(name)) {}

    const std::string repository;

    std::mutex mu;
    // Guarded by mu.
    std::deque<std::shared_ptr<PendingCommit>> pending;  // The oldest first.
    std::map<std::string, std::shared_ptr<PendingCommit>> pending_by_request_id;
    Settled settled;
    bool stands = false;  // The queue is to be told when MayBuild.

    // Of the job that runs, of which there is one at a time.
    std::unique_ptr<Workspace> workspace;
  };

  std::shared_ptr<Writer> WriterOf(const std::string& repository);
  // REQUIRES: writer.mu is held.
  static bool MayBuild(const Writer& writer);

  // False when the writer may not build yet.
  bool Run(const std::shared_ptr<Writer>& writer, Job* job);
  void Make(const std::shared_ptr<Writer>& writer, const Settled& settled, Job job);
  bool Repeat(Writer& writer, Job& job);
  absl::Status OpenWorkspace(Writer& writer, const Settled& settled);
  void Commit(const std::shared_ptr<Writer>& writer, Job job, BuiltChange built,
              std::string response);
  absl::StatusOr<BuiltChange> Build(Workspace& workspace, const ChangeRequest& request);
  void AnswerWithoutChange(Writer& writer, Job job, std::string response);
  void CountPending(int count);
  // The store is done with it.
  void Settle(const std::shared_ptr<Writer>& writer, const std::shared_ptr<PendingCommit>& commit,
              const absl::Status& status);

  // Constant after construction.
  Store* const store_;
  Clock* const clock_;
  Catalog* const catalog_;
  Feed* const feed_;

  ObjectCache cache_;

  std::mutex mu_;
  // Guarded by mu_.
  std::map<std::string, std::shared_ptr<Writer>> writers_;
  int64_t pending_count_ = 0;
  std::condition_variable none_pending_;

  PublishQueue queue_;  // Last, for its threads use all else.
};

}  // namespace colophon
