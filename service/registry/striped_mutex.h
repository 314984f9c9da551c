#pragma once

#include <array>
#include <atomic>
#include <mutex>

namespace colophon {

// A reader-writer lock for what is read all the time and written seldom. A
// reader locks one of 16 mutexes, its thread's own as a rule, so readers don't
// share a cache line; a writer locks all of them. What a reader holds must be
// short: it may hold up a writer and one reader in 16.
class StripedMutex {
 public:
  // The mutex a reader locks.
  std::mutex& ForReading() { return stripes_[ThreadNumber() % stripes_.size()].mutex; }

  // What a writer holds; a Lockable.
  void lock() {
    for (Stripe& stripe : stripes_) stripe.mutex.lock();
  }
  void unlock() {
    for (Stripe& stripe : stripes_) stripe.mutex.unlock();
  }

 private:
  struct alignas(64) Stripe {
    std::mutex mutex;
  };

  static unsigned ThreadNumber() {
    static std::atomic<unsigned> next{0};
    thread_local const unsigned number = next.fetch_add(1, std::memory_order_relaxed);
    return number;
  }

  std::array<Stripe, 16> stripes_;
};

}  // namespace colophon
