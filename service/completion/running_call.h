#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "boost/asio/steady_timer.hpp"
#include "colophon/v1/record.pb.h"
#include "service/base/call.h"
#include "service/base/clock.h"
#include "service/base/executor.h"
#include "service/base/status.h"
#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/completion/open_call.h"
#include "service/completion/output_builder.h"
#include "service/provider/provider.h"

namespace colophon {

// One call that runs: what the steps of Completer::Complete share, and the one
// place where a call is stopped from outside, by its caller, its deadline or
// the server's end.
//
// Lives on one Loop; only Cancel and StopSoon may be called elsewhere.
class RunningCall : public OpenCall, public std::enable_shared_from_this<RunningCall> {
 public:
  RunningCall(Loop& run_loop, Call call_context, v1::CompleteRequest call_request,
              std::shared_ptr<MessageSink> message_sink, Clock* clock, bool drain);

  // Constant after construction.
  Loop& loop;
  const Call context;
  const absl::Time start_time;
  // Its inputs are moved into `intent`.
  v1::CompleteRequest request;

  // Since the call came, by the steady clock. Thread-safe.
  absl::Duration Elapsed() const { return clock_->Steady() - steady_start_; }

  // On the loop only, or where the call is made ready meanwhile.
  v1::Intent intent;
  std::string record;  // Its id, once there is one.
  OutputBuilder output;
  v1::Outcome outcome;
  // Where what is made of this call is made, when it is much; null: here.
  Workers* workers = nullptr;
  std::unique_ptr<ProviderCall> provider_call;

  bool is_stream() const { return sink_ != nullptr; }

  void Cancel() override;
  void StopSoon(absl::Status why);

  // Why the call was stopped; OK while it was not. The first reason stays.
  const absl::Status& stopped() const { return stopped_; }
  // The same for work on another thread that is still to be done.
  const StopFlag& stop_flag() const { return stop_flag_; }
  // Also true while the provider is drained for a caller that went away.
  bool caller_gone() const { return caller_gone_; }

  // Stops the call when so much time has passed.
  void StopAfter(absl::Duration timeout);
  // Lets the call end: the timers are gone, a late Cancel changes nothing.
  void Close();

  // Hands a message to the caller and waits until it was taken, so that a slow
  // caller slows its provider. One that takes nothing for longer than `patience` ends
  // the call: CANCELLED CALLER_NOT_READING. Does nothing when the caller is gone.
  Task<void> Write(v1::StreamCompleteResponse message, absl::Duration patience);
  // Waits so long, or until the call is stopped.
  Task<void> Wait(absl::Duration delay);

 private:
  void Stop(absl::Status why);
  // Looks when the write in progress has taken too long, and again as long as there
  // are some: a timer for each would be a good part of what a piece costs.
  void WatchWrites(absl::Duration after);

  const std::shared_ptr<MessageSink> sink_;
  Clock* const clock_;
  const absl::Duration steady_start_;
  const bool drain_;
  StopFlag stop_flag_;

  // On the loop only.
  bool closed_ = false;
  bool caller_gone_ = false;
  absl::Status stopped_;
  boost::asio::steady_timer deadline_timer_;
  boost::asio::steady_timer wait_timer_;
  std::function<void(bool)> end_write_;                // Ends a Write that waits.
  std::chrono::steady_clock::time_point write_start_;  // Of that Write.
  absl::Duration write_patience_;
  bool watches_writes_ = false;
  boost::asio::steady_timer write_timer_;
};

}  // namespace colophon
