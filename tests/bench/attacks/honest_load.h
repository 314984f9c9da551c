#pragma once

// What others do while a server is attacked, and how long they wait for it.

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "client/cpp/client.h"
#include "service/base/status.h"

namespace colophon::bench {

inline constexpr char kHonest[] = "honest";  // Its repository and its caller.

// Few calls of each kind: GetVersion, Render, Complete, ListRecords, Publish,
// one after the other every 100 ms from a thread of its own.
//
// Not thread-safe.
class HonestLoad {
 public:
  struct Waits {
    std::vector<double> milliseconds;  // Of the calls that succeeded, from when they were due.
    int64_t failures = 0;
    std::string failure;  // The last one.
    absl::Time newest;    // When the last one began that succeeded.
  };

  // Before the first: the repository and its prompt.
  static absl::Status Prepare(const std::string& address);

  explicit HonestLoad(const std::string& address);
  ~HonestLoad();
  HonestLoad(const HonestLoad&) = delete;
  HonestLoad& operator=(const HonestLoad&) = delete;

  // Waits until a call of each kind has succeeded that began after now; false
  // when that takes longer than `most`.
  bool WaitForEachKind(absl::Duration most);
  // Waits for the calls that run; by kind of call.
  std::map<std::string, Waits> Stop();

 private:
  using Call = absl::Status (*)(const Client& client, int number);

  void Repeat(const std::string& kind, Call call);

  const std::string address_;
  std::atomic<bool> stopped_{false};
  std::vector<std::thread> threads_;
  std::mutex mu_;
  std::condition_variable succeeded_;
  std::map<std::string, Waits> waits_;  // Guarded by mu_.
};

}  // namespace colophon::bench
