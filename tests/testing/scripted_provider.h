#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/base/json.h"
#include "service/provider/provider.h"

namespace colophon {

// Where a scripted answer waits until the test says so.
//
// Thread-safe.
class Gate {
 public:
  // Lets everything through, now and from now on.
  void Open();
  // Waits until so many calls have come to the gate, at most 30 s. False: not.
  bool WaitForArrivals(int count);

  // For the provider: calls `pass` once, when the gate is open.
  void Arrive(std::function<void()> pass);

 private:
  std::mutex mu_;
  std::condition_variable arrived_;
  // Guarded by mu_.
  bool open_ = false;
  int arrivals_ = 0;
  std::vector<std::function<void()>> waiting_;
};

// One thing that an answer does.
struct Step {
  std::string text;            // Not empty: a piece of text.
  std::shared_ptr<Gate> gate;  // Set: wait here.
  absl::Status error;          // Not OK: break off with it.
};

using Script = std::vector<Step>;  // Its end is the provider's terminator.

Script Says(const std::vector<std::string>& pieces);
Script Fails(absl::Status error);

// A provider that answers as told: one script a call, in order; the last one
// again and again. Bodies are JSON of the rendered prompt.
//
// Thread-safe.
class ScriptedProvider : public Provider {
 public:
  explicit ScriptedProvider(std::vector<Script> scripts);

  absl::StatusOr<std::string> Encode(const v1::Rendered& rendered, std::string_view model,
                                     bool stream) const override;
  std::unique_ptr<ProviderCall> Start(Loop& loop, ProviderRequest request) override;

  int call_count() const;
  std::vector<std::string> bodies() const;
  // Called at the start of every call, before it answers.
  void set_on_start(std::function<void(const ProviderRequest&)> on_start);

 private:
  mutable std::mutex mu_;
  // Guarded by mu_.
  std::vector<Script> scripts_;
  std::vector<std::string> bodies_;
  std::function<void(const ProviderRequest&)> on_start_;
};

}  // namespace colophon
