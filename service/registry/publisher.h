#pragma once

// LIFE OF A CHANGE: `Publisher::Make` in publisher.cc, top to bottom.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "service/base/clock.h"
#include "service/base/executor.h"
#include "service/registry/catalog.h"
#include "service/registry/change_request.h"
#include "service/registry/feed.h"
#include "service/registry/objects.h"
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

  // RESOURCE_EXHAUSTED BUSY when too many wait.
  void Submit(ChangeRequest request, BytesReply reply);

  // ALREADY_EXISTS REPOSITORY_EXISTS.
  void CreateRepository(const std::string& name,
                        std::function<void(absl::StatusOr<v1::Repository>)> reply);

 private:
  struct Job {
    ChangeRequest request;
    BytesReply reply;
  };

  // A transaction on its way to the disk.
  struct Flight {
    CatalogUpdate update;  // Without a head: nothing to serve.
    std::string request_id;
    std::string request_digest;
    std::string response;
    // Guarded by Line::mu. Those who asked for it.
    std::vector<BytesReply> replies;
    // Guarded by Line::mu. Those whose answer changes nothing and relies on all
    // flights up to this one.
    std::vector<std::pair<BytesReply, std::string>> relying;
  };

  // What happened to the flights since the turn before.
  struct Turn {
    int64_t landed = 0;
    bool broken = false;
  };

  // One repository's writer.
  struct Line {
    explicit Line(std::string name) : repository(std::move(name)) {}

    const std::string repository;
    Loop* loop = nullptr;

    std::mutex mu;
    // Guarded by mu.
    std::deque<Job> waiting;
    bool scheduled = false;  // A Run is posted or runs.
    std::deque<std::shared_ptr<Flight>> flights;
    // Landed with objects; and whether one failed, so that the workspace stands
    // on nothing.
    Turn since;
    std::map<std::string, std::shared_ptr<Flight>> by_request_id;

    // Of the loop's thread only.
    std::unique_ptr<Workspace> workspace;
  };

  std::shared_ptr<Line> LineOf(const std::string& repository);
  // REQUIRES: line->mu is held.
  void Schedule(const std::shared_ptr<Line>& line);
  bool CanRun(const Line& line) const;

  void Run(const std::shared_ptr<Line>& line);
  void Make(const std::shared_ptr<Line>& line, const Turn& turn, Job job);
  bool Repeat(Line& line, Job& job);
  absl::Status OpenWorkspace(Line& line, const Turn& turn);
  void Commit(const std::shared_ptr<Line>& line, Job job, BuiltChange built, std::string response);
  absl::StatusOr<BuiltChange> Build(Workspace& workspace, const ChangeRequest& request);
  void AnswerWithoutChange(Line& line, Job job, std::string response);
  void CountFlights(int count);
  void Land(const std::shared_ptr<Line>& line, const std::shared_ptr<Flight>& flight,
            const absl::Status& status);

  // Constant after construction.
  Store* const store_;
  Clock* const clock_;
  Catalog* const catalog_;
  Feed* const feed_;

  ObjectCache cache_;
  Executor executor_;

  std::mutex mu_;
  // Guarded by mu_.
  std::map<std::string, std::shared_ptr<Line>> lines_;
  bool stopping_ = false;
  int64_t flight_count_ = 0;
  std::condition_variable landed_;
};

}  // namespace colophon
