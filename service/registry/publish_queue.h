#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/base/status.h"

namespace colophon {

// Those who wait to have a change made. Every repository has a queue of its own, in
// which its callers take turns; a few threads serve the repositories in turn, one
// job of a repository at a time. Whoever brings thousands of changes, or one that
// takes seconds, holds up itself and nobody else as long as a thread is free.
//
// Thread-safe.
class PublishQueue {
 public:
  struct Job {
    std::string repository;
    std::string caller;
    size_t bytes = 0;  // What it takes in memory.
    // False: it can't be done yet. It keeps its place, and the repository's queue
    // is blocked until Resume.
    std::function<bool()> run;
    // Instead of `run`, when the queue stops.
    std::function<void(const absl::Status&)> refuse;
  };

  // What may wait; more is refused.
  static constexpr size_t kMaxOfCaller = 1'024;  // In one repository.
  static constexpr size_t kMaxOfRepository = 4'096;
  static constexpr size_t kMaxInAll = 16'384;
  static constexpr size_t kMaxBytesOfRepository = 64 << 20;
  static constexpr size_t kMaxBytesInAll = 256 << 20;

  explicit PublishQueue(int thread_count);
  ~PublishQueue();

  // RESOURCE_EXHAUSTED BUSY, with RetryInfo; UNAVAILABLE STOPPING. The job is run
  // or refused when this is OK, and neither otherwise.
  absl::Status Push(Job job);

  // The job of this repository that couldn't be done can be done now.
  void Resume(const std::string& repository);

  // Waits for the jobs that run and refuses those that wait. Idempotent.
  void Stop();

 private:
  struct RepositoryQueue {
    std::map<std::string, std::deque<Job>> by_caller;  // None is empty.
    std::deque<std::string> callers_in_turn;           // The same, the next one first.
    size_t count = 0;
    size_t bytes = 0;
    bool in_ready = false;
    bool running = false;
    bool blocked = false;  // Its next job can't be done: until Resume.
    bool resumed = false;  // Resume came while its job ran.
  };

  void Work();
  // REQUIRES: mu_ is held.
  absl::Status CheckRoom(const Job& job);
  // Lets a thread take it, unless it is empty, running or blocked.
  void MakeReady(const std::string& repository, RepositoryQueue* waiting);
  Job TakeNext(RepositoryQueue* waiting);
  void PutBack(Job job, RepositoryQueue* waiting);
  void Count(const Job& job, int sign, RepositoryQueue* waiting);

  std::vector<std::thread> threads_;

  std::mutex mu_;
  std::condition_variable changed_;
  // Guarded by mu_.
  std::map<std::string, RepositoryQueue> repositories_;  // Those where something waits or runs.
  std::deque<std::string> ready_;  // The repositories to serve, the next one first.
  size_t count_ = 0;
  size_t bytes_ = 0;
  bool stopping_ = false;
};

}  // namespace colophon
