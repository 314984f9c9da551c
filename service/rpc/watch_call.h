#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "boost/asio/steady_timer.hpp"
#include "service/base/task.h"
#include "service/rpc/watchers.h"

namespace colophon {

// One WatchChanges: a cursor, not a queue. It reads the change at its cursor,
// writes it, moves on, and asks to be woken where there is none; whoever reads
// slowly has one message waiting here and the rest in the store.
//
// Its life is the task Watch, on one Loop, where everything not said otherwise
// is called and touched.
class WatchCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                        public std::enable_shared_from_this<WatchCall> {
 public:
  static WatchCall* Start(Watchers* watchers, grpc::CallbackServerContext* context,
                          const grpc::ByteBuffer& request);

  WatchCall(Watchers* watchers, grpc::CallbackServerContext* context);
  ~WatchCall() override = default;

  // Ends it with Stopping(). From any thread.
  void Stop();
  static absl::Status Stopping();

  // By gRPC, on its threads.
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  // As UnaryCall has it.
  bool InternalInlineable() override { return true; }

 private:
  // Where to begin and how often to send a heartbeat. Called before the task.
  absl::Status Begin(const grpc::ByteBuffer& bytes);

  // Runs until the caller goes away or something fails.
  Task<absl::Status> Watch();
  // The change at the cursor, if there is one yet.
  Task<absl::StatusOr<std::optional<v1::Change>>> ReadNext();
  // False: the caller is gone.
  Task<bool> Send(const v1::WatchChangesResponse& message);
  // Until there is something to read, a heartbeat is due, or the call ends.
  Task<void> WaitForChange();

  // Ends the wait. From any thread.
  void EndSoon(absl::Status why);
  v1::WatchChangesResponse Heartbeat() const;

  // Constant after Start.
  Watchers* const watchers_;
  Loop& loop_;
  Rpc rpc_;
  std::shared_ptr<WatchCall> self_;  // gRPC's share, until OnDone.
  std::string repository_;
  absl::Duration heartbeat_interval_;

  // On the loop only.
  int64_t next_sequence_ = 0;
  bool woken_ = false;
  absl::Status end_;  // Not OK: why the call is to end.
  boost::asio::steady_timer timer_;

  // Of the write in progress, of which there is one at most.
  grpc::ByteBuffer bytes_;
  std::function<void(bool)> written_;
};

}  // namespace colophon
