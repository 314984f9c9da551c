#include "service/registry/publish_queue.h"

#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

absl::Status Stopping() {
  return Unavailable("STOPPING", "the server is stopping; try again on the next one");
}

absl::Status Busy(const std::string& fact) {
  return WithRetryDelay(ResourceExhausted("BUSY", fact + " already; try again later"),
                        absl::Milliseconds(500));
}

}  // namespace

PublishQueue::PublishQueue(int thread_count) {
  for (int i = 0; i < thread_count; ++i) threads_.emplace_back([this] { Work(); });
}

PublishQueue::~PublishQueue() { Stop(); }

absl::Status PublishQueue::Push(Job job) {
  std::lock_guard lock(mu_);
  if (stopping_) return Stopping();
  RETURN_IF_ERROR(CheckRoom(job));
  const std::string repository = job.repository;
  RepositoryQueue& waiting = repositories_[repository];
  Count(job, +1, &waiting);
  std::deque<Job>& of_caller = waiting.by_caller[job.caller];
  if (of_caller.empty()) waiting.callers_in_turn.push_back(job.caller);
  of_caller.push_back(std::move(job));
  MakeReady(repository, &waiting);
  return absl::OkStatus();
}

absl::Status PublishQueue::CheckRoom(const Job& job) {
  const auto found = repositories_.find(job.repository);
  if (found != repositories_.end()) {
    const RepositoryQueue& waiting = found->second;
    const auto of_caller = waiting.by_caller.find(job.caller);
    if (of_caller != waiting.by_caller.end() && of_caller->second.size() >= kMaxOfCaller) {
      return Busy(fmt::format("{} changes of {} by this caller wait", of_caller->second.size(),
                              job.repository));
    }
    if (waiting.count >= kMaxOfRepository) {
      return Busy(fmt::format("{} changes of {} wait", waiting.count, job.repository));
    }
    // One that is larger than the limit isn't refused for ever.
    if (waiting.count > 0 && waiting.bytes + job.bytes > kMaxBytesOfRepository) {
      return Busy(fmt::format("changes of {} with {} bytes wait", job.repository, waiting.bytes));
    }
  }
  if (count_ >= kMaxInAll || (count_ > 0 && bytes_ + job.bytes > kMaxBytesInAll)) {
    return Busy(fmt::format("{} changes of all repositories, with {} bytes, wait", count_, bytes_));
  }
  return absl::OkStatus();
}

void PublishQueue::MakeReady(const std::string& repository, RepositoryQueue* waiting) {
  if (waiting->count == 0 || waiting->in_ready || waiting->running || waiting->blocked) return;
  waiting->in_ready = true;
  ready_.push_back(repository);
  changed_.notify_one();
}

PublishQueue::Job PublishQueue::TakeNext(RepositoryQueue* waiting) {
  std::string caller = std::move(waiting->callers_in_turn.front());
  waiting->callers_in_turn.pop_front();
  const auto of_caller = waiting->by_caller.find(caller);
  Job job = std::move(of_caller->second.front());
  of_caller->second.pop_front();
  if (of_caller->second.empty()) {
    waiting->by_caller.erase(of_caller);
  } else {
    waiting->callers_in_turn.push_back(std::move(caller));
  }
  Count(job, -1, waiting);
  return job;
}

void PublishQueue::PutBack(Job job, RepositoryQueue* waiting) {
  Count(job, +1, waiting);
  std::deque<Job>& of_caller = waiting->by_caller[job.caller];
  if (!of_caller.empty()) std::erase(waiting->callers_in_turn, job.caller);
  waiting->callers_in_turn.push_front(job.caller);
  of_caller.push_front(std::move(job));
}

void PublishQueue::Count(const Job& job, int sign, RepositoryQueue* waiting) {
  waiting->count += sign;
  waiting->bytes += sign * static_cast<int64_t>(job.bytes);
  count_ += sign;
  bytes_ += sign * static_cast<int64_t>(job.bytes);
}

void PublishQueue::Work() {
  std::unique_lock lock(mu_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !ready_.empty(); });
    if (stopping_) return;
    const std::string repository = std::move(ready_.front());
    ready_.pop_front();
    RepositoryQueue& waiting = repositories_.at(repository);
    waiting.in_ready = false;
    waiting.running = true;
    Job job = TakeNext(&waiting);

    lock.unlock();
    const bool done = job.run();
    if (done) job = Job();  // What it holds is let go before the next one.
    lock.lock();

    waiting.running = false;
    const bool resumed = std::exchange(waiting.resumed, false);
    if (!done) {
      PutBack(std::move(job), &waiting);
      waiting.blocked = !resumed;
    }
    MakeReady(repository, &waiting);
    if (waiting.count == 0) repositories_.erase(repository);
  }
}

void PublishQueue::Resume(const std::string& repository) {
  std::lock_guard lock(mu_);
  const auto found = repositories_.find(repository);
  if (found == repositories_.end()) return;
  RepositoryQueue& waiting = found->second;
  if (waiting.running) {
    waiting.resumed = true;
    return;
  }
  waiting.blocked = false;
  MakeReady(repository, &waiting);
}

void PublishQueue::Stop() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  std::map<std::string, RepositoryQueue> repositories;
  {
    std::lock_guard lock(mu_);
    repositories.swap(repositories_);
    ready_.clear();
  }
  for (auto& [repository, waiting] : repositories) {
    for (auto& [caller, jobs] : waiting.by_caller) {
      for (Job& job : jobs) job.refuse(Stopping());
    }
  }
}

}  // namespace colophon
