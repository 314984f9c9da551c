#pragma once

// Resolving without asking: for apps that need a prompt on every request.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client/cpp/anchored_clock.h"
#include "client/cpp/client.h"
#include "client/cpp/repository_watch.h"
#include "client/cpp/resolver_cache.h"
#include "client/cpp/version_loader.h"

namespace colophon {

struct CachedResolverOptions {
  // References kept; the least recently used leave first.
  int max_entries = 10'000;
  // Repositories followed, each with a thread and a stream. Labels of others
  // are asked for each time.
  int max_repositories = 64;
  // Where the last known good outlives a restart; empty: nowhere.
  std::string state_file;
  // How long what was learnt may wait before it is written there.
  absl::Duration save_interval = absl::Seconds(1);
  // How often a quiet server says that nothing happened. An answer counts as
  // fresh for three of them.
  absl::Duration heartbeat_interval = absl::Seconds(2);
  // After a restart, how long the first Resolve waits for the server before it
  // takes what the state file has. A server that refuses is not waited for.
  absl::Duration first_contact_timeout = absl::Seconds(1);
  // How long a draft is asked for when there is a last known good.
  absl::Duration ask_timeout = absl::Seconds(2);
  RetryPolicy reconnect = {.first_delay = absl::Milliseconds(50)};
  Clock* clock = Clock::Real();
};

// A resolved reference and how far it can be relied on.
struct Resolved {
  std::shared_ptr<const ResolvedVersion> version;
  // For how long it is not known whether the reference still means this; 0 for
  // a version or a commit, which mean the same for ever.
  absl::Duration age;
  // False when the server hasn't been heard for longer than it should: this is
  // the last known good.
  bool fresh = true;
};

// Resolves references from memory. The first Resolve of a reference asks the
// server; from then on `WatchChanges` keeps it current, and a label move is
// seen as soon as the server tells.
//
// A dead server never stops a running app: the last known good is served, also
// after a restart when there is a state file, and the answer says how old it
// is. Drafts (`@heads/…`) are asked for each time, because nobody announces
// them.
//
// Weighted labels pick by subject with the server's own rule.
//
// Thread-safe. Resolve blocks for RPCs only on the first use of a reference.
class CachedResolver {
 public:
  explicit CachedResolver(Client client, CachedResolverOptions options = {});
  // Saves the state.
  ~CachedResolver();

  absl::StatusOr<Resolved> Resolve(std::string_view reference, std::string_view subject = {});

  // What became of the state file at the start: OK, or DATA_LOSS
  // BAD_CACHE_FILE when it was damaged and was ignored.
  const absl::Status& restore_status() const { return restore_status_; }

  // Writes the state file now.
  absl::Status Save();
  // Of the last time it was written.
  absl::Status save_status();

  size_t size() { return cache_.size(); }

 private:
  // What is followed in one repository.
  struct Repository {
    std::string name;
    // The watch thread's own.
    std::vector<std::shared_ptr<CacheSlot>> noted;
    std::unique_ptr<RepositoryWatch> watch;  // Last: it uses the above.
  };

  using LoadedEntry = absl::StatusOr<std::shared_ptr<const CacheEntry>>;

  Resolved Answer(const CacheEntry& entry, std::string_view subject);
  absl::StatusOr<Resolved> ResolveSlowly(std::string_view reference, std::string_view subject);
  CallOptions ShortCall() const;
  LoadedEntry LoadVersion(CacheSlot& slot, const CallOptions& call);
  LoadedEntry LoadMovable(CacheSlot& slot, const CallOptions& call);

  // Begins to follow a repository that isn't followed yet. When it isn't
  // settled its watch is to be started. Null when there are too many.
  Repository* Follow(const std::string& name, int64_t sequence, bool settled);
  Repository* Followed(const std::string& name);
  bool Note(Repository& repository, const v1::Change& change);
  void NoteMove(Repository& repository, const std::string& key, const Pointing& pointing);
  void NoteAll(Repository& repository);
  bool Apply(Repository& repository);

  void Restore();
  void MarkUnsaved();
  void RunSaver();

  // Constant after construction.
  const CachedResolverOptions options_;
  const Client client_;
  const VersionLoader loader_;
  AnchoredClock clock_;  // For ages and what is kept on disk.
  absl::Status restore_status_;

  ResolverCache cache_;

  std::mutex mu_;
  // Guarded by mu_. Repositories are never removed before the end.
  std::map<std::string, std::unique_ptr<Repository>> repositories_;
  bool closing_ = false;

  std::mutex save_mu_;  // Held while the file is written.

  std::mutex saver_mu_;
  std::condition_variable saver_wake_;
  // Guarded by saver_mu_.
  bool unsaved_ = false;
  bool stopping_ = false;
  absl::Status save_status_;
  std::thread saver_;
};

}  // namespace colophon
