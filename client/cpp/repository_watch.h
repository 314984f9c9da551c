#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "client/cpp/client.h"
#include "client/cpp/resolver_cache.h"

namespace colophon {

// Follows the changes of one repository for as long as it lives: reconnects
// after a pause that grows, goes on after the last change it has seen, and
// notices a server that has gone silent.
//
// Thread-safe. Has one thread, on which all its callbacks run.
class RepositoryWatch {
 public:
  struct Options {
    absl::Duration heartbeat_interval;
    // Heartbeats that may be missed before the connection counts as dead.
    int max_missed_heartbeats = 3;
    RetryPolicy reconnect;
    Clock* clock = Clock::Real();
  };
  struct Callbacks {
    // Notes a page of a change; true when there is something to apply. Pages come
    // again after a broken connection.
    std::function<bool(const v1::Change&)> note;
    // Notes that anything may have changed: the server's history is another.
    std::function<void()> note_all;
    // Fetches what was noted. False when some of it must be tried again.
    std::function<bool()> apply;
  };

  // Will begin after `sequence`. `settled` says whether what is cached is current
  // as of now.
  RepositoryWatch(Client client, std::string repository, int64_t sequence, bool settled,
                  Options options, Callbacks callbacks);
  // Begins to follow. Once.
  void Start();
  // Joins the thread.
  ~RepositoryWatch();

  const std::shared_ptr<WatchState>& state() const { return state_; }
  // Changes after it are noted.
  int64_t start_sequence() const { return start_sequence_; }
  // Everything up to it has been applied.
  int64_t sequence() const { return sequence_; }
  // Waits until the server has answered or was found dead, at most so long.
  void WaitUntilSettled(absl::Duration timeout);

 private:
  void Run();
  void Pause(absl::Duration delay);
  absl::Status Follow();
  absl::Status FollowStream(Stream<v1::WatchChangesResponse>& stream);
  absl::Status Take(const v1::WatchChangesResponse& event);
  absl::Status TakeChange(const v1::Change& change);
  absl::Status TakeHeartbeat(const v1::Heartbeat& heartbeat);
  void ApplySoon();
  void Apply();
  void NoteContact();
  void Settle();
  bool stopping();

  // Constant after construction.
  const Client client_;
  const std::string repository_;
  const Options options_;
  const Callbacks callbacks_;
  const std::shared_ptr<WatchState> state_;

  std::atomic<int64_t> start_sequence_;
  std::atomic<int64_t> sequence_;

  // The thread's own.
  int64_t seen_;              // The last change noted.
  int64_t newest_ = -1;       // The server's when this connection began; -1: not connected.
  bool noted_ = false;        // Something is noted that isn't applied.
  bool begin_again_ = false;  // The server's history is not the one that was followed.
  absl::Duration apply_at_;   // When something is noted and nothing more comes,
  absl::Duration apply_by_;   // and even when it does.
  absl::Duration apply_delay_ = absl::ZeroDuration();

  std::mutex mu_;
  std::condition_variable changed_;
  // Guarded by mu_.
  bool stopping_ = false;
  Stream<v1::WatchChangesResponse>* stream_ = nullptr;

  std::thread thread_;
};

}  // namespace colophon
