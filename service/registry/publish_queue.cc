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
  Line& line = lines_[repository];
  Count(job, +1, &line);
  std::deque<Job>& of_caller = line.by_caller[job.caller];
  if (of_caller.empty()) line.turns.push_back(job.caller);
  of_caller.push_back(std::move(job));
  PutReady(repository, &line);
  return absl::OkStatus();
}

absl::Status PublishQueue::CheckRoom(const Job& job) {
  const auto found = lines_.find(job.repository);
  if (found != lines_.end()) {
    const Line& line = found->second;
    const auto of_caller = line.by_caller.find(job.caller);
    if (of_caller != line.by_caller.end() && of_caller->second.size() >= kMaxOfCaller) {
      return Busy(fmt::format("{} changes of {} by this caller wait", of_caller->second.size(),
                              job.repository));
    }
    if (line.count >= kMaxOfRepository) {
      return Busy(fmt::format("{} changes of {} wait", line.count, job.repository));
    }
    // One that is larger than the limit isn't refused for ever.
    if (line.count > 0 && line.bytes + job.bytes > kMaxBytesOfRepository) {
      return Busy(fmt::format("changes of {} with {} bytes wait", job.repository, line.bytes));
    }
  }
  if (count_ >= kMaxInAll || (count_ > 0 && bytes_ + job.bytes > kMaxBytesInAll)) {
    return Busy(fmt::format("{} changes of all repositories, with {} bytes, wait", count_, bytes_));
  }
  return absl::OkStatus();
}

void PublishQueue::PutReady(const std::string& repository, Line* line) {
  if (line->count == 0 || line->in_ready || line->running || line->stands) return;
  line->in_ready = true;
  ready_.push_back(repository);
  changed_.notify_one();
}

PublishQueue::Job PublishQueue::TakeNext(Line* line) {
  std::string caller = std::move(line->turns.front());
  line->turns.pop_front();
  const auto of_caller = line->by_caller.find(caller);
  Job job = std::move(of_caller->second.front());
  of_caller->second.pop_front();
  if (of_caller->second.empty()) {
    line->by_caller.erase(of_caller);
  } else {
    line->turns.push_back(std::move(caller));
  }
  Count(job, -1, line);
  return job;
}

void PublishQueue::PutBack(Job job, Line* line) {
  Count(job, +1, line);
  std::deque<Job>& of_caller = line->by_caller[job.caller];
  if (!of_caller.empty()) std::erase(line->turns, job.caller);
  line->turns.push_front(job.caller);
  of_caller.push_front(std::move(job));
}

void PublishQueue::Count(const Job& job, int sign, Line* line) {
  line->count += sign;
  line->bytes += sign * static_cast<int64_t>(job.bytes);
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
    Line& line = lines_.at(repository);
    line.in_ready = false;
    line.running = true;
    Job job = TakeNext(&line);

    lock.unlock();
    const bool done = job.run();
    if (done) job = Job();  // What it holds is let go before the next one.
    lock.lock();

    line.running = false;
    const bool resumed = std::exchange(line.resumed, false);
    if (!done) {
      PutBack(std::move(job), &line);
      line.stands = !resumed;
    }
    PutReady(repository, &line);
    if (line.count == 0) lines_.erase(repository);
  }
}

void PublishQueue::Resume(const std::string& repository) {
  std::lock_guard lock(mu_);
  const auto found = lines_.find(repository);
  if (found == lines_.end()) return;
  Line& line = found->second;
  if (line.running) {
    line.resumed = true;
    return;
  }
  line.stands = false;
  PutReady(repository, &line);
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
  std::map<std::string, Line> lines;
  {
    std::lock_guard lock(mu_);
    lines.swap(lines_);
    ready_.clear();
  }
  for (auto& [repository, line] : lines) {
    for (auto& [caller, jobs] : line.by_caller) {
      for (Job& job : jobs) job.refuse(Stopping());
    }
  }
}

}  // namespace colophon
