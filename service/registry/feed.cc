#include "service/registry/feed.h"

namespace colophon {

uint64_t Feed::Subscribe(const std::string& repository, int64_t after, std::function<void()> wake,
                         const std::function<int64_t()>& current) {
  std::unique_lock lock(mu_);
  const uint64_t id = next_id_++;
  waiting_[id] = {repository, after, std::move(wake)};
  by_repository_[repository].emplace(after, id);
  if (current() > after) Wake(lock, id);
  return id;
}

void Feed::Unsubscribe(uint64_t id) {
  std::function<void()> wake;  // Destroyed without the lock.
  std::unique_lock lock(mu_);
  if (const auto found = waiting_.find(id); found != waiting_.end()) {
    wake = std::move(found->second.wake);
    const auto entries = by_repository_.find(found->second.repository);
    entries->second.erase({found->second.after, id});
    if (entries->second.empty()) by_repository_.erase(entries);
    waiting_.erase(found);
    lock.unlock();
    return;
  }
  returned_.wait(lock, [&] {
    const auto running = running_.find(id);
    return running == running_.end() || running->second == std::this_thread::get_id();
  });
}

void Feed::Notify(const std::string& repository, int64_t sequence) {
  std::unique_lock lock(mu_);
  // One at a time: who unsubscribes while others are woken is not called.
  for (;;) {
    const auto entries = by_repository_.find(repository);
    if (entries == by_repository_.end()) return;
    const auto [after, id] = *entries->second.begin();
    if (after >= sequence) return;
    Wake(lock, id);
  }
}

void Feed::Wake(std::unique_lock<std::mutex>& lock, uint64_t id) {
  const auto found = waiting_.find(id);
  std::function<void()> wake = std::move(found->second.wake);
  const auto entries = by_repository_.find(found->second.repository);
  entries->second.erase({found->second.after, id});
  if (entries->second.empty()) by_repository_.erase(entries);
  waiting_.erase(found);
  running_[id] = std::this_thread::get_id();

  lock.unlock();
  wake();
  wake = nullptr;
  lock.lock();

  running_.erase(id);
  returned_.notify_all();
}

int64_t Feed::subscriber_count() const {
  std::lock_guard lock(mu_);
  return static_cast<int64_t>(waiting_.size());
}

}  // namespace colophon
