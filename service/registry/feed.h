#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace colophon {

// Wakes those who wait for a repository's next change.
//
// Thread-safe. A `wake` runs on the thread that notifies or subscribes, must
// not block, and holds up the wakes after it; it may subscribe and unsubscribe,
// itself too.
class Feed {
 public:
  // Calls `wake` once when `current()` > `after`: at once, or as soon as
  // Notify says so. `current` is called under the Feed's lock, so that no change
  // falls between the question and the waiting.
  uint64_t Subscribe(const std::string& repository, int64_t after, std::function<void()> wake,
                     const std::function<int64_t()>& current);

  // After it returns `wake` is not called, not running and destroyed — but for
  // a wake that unsubscribes itself, which runs to its end.
  void Unsubscribe(uint64_t id);

  void Notify(const std::string& repository, int64_t sequence);

  // How many wait.
  int64_t subscriber_count() const;

 private:
  struct Waiting {
    std::string repository;
    int64_t after = 0;
    std::function<void()> wake;
  };

  void Wake(std::unique_lock<std::mutex>& lock, uint64_t id);

  mutable std::mutex mu_;
  std::condition_variable returned_;
  // Guarded by mu_.
  uint64_t next_id_ = 1;
  std::map<uint64_t, Waiting> waiting_;
  // The same by what they wait for: repository → {after, id}.
  std::map<std::string, std::set<std::pair<int64_t, uint64_t>>> by_repository_;
  std::map<uint64_t, std::thread::id> running_;
};

}  // namespace colophon
