#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "colophon/v1/completion.grpc.pb.h"
#include "service/base/status.h"

namespace colophon::bench {

class StreamReader;

// Many StreamComplete calls at once, on a few channels.
//
// Thread-safe.
class StreamLoad {
 public:
  // Starts stream number i with a `text` that holds MarkerOf(i).
  StreamLoad(const std::string& address, const std::string& name, int count);
  // Cancels what still runs.
  ~StreamLoad();
  StreamLoad(const StreamLoad&) = delete;
  StreamLoad& operator=(const StreamLoad&) = delete;

  static std::string MarkerOf(int stream);

  // Until all streams have had their first piece. An error when one ended
  // before or the time is up.
  absl::Status WaitForFirstPieces(absl::Duration limit);
  // Until all have ended. An error when one failed, told something else than
  // its own answer, or the time is up.
  absl::Status WaitForEnds(absl::Duration limit);

  // Of all streams, after WaitForEnds.
  std::vector<std::string> record_ids() const;

 private:
  friend class StreamReader;
  void OnFirstPiece();
  void OnEnd(const absl::Status& status);

  // Constant after construction.
  std::vector<std::unique_ptr<v1::CompletionService::Stub>> stubs_;
  std::vector<std::unique_ptr<StreamReader>> readers_;

  std::mutex mu_;
  std::condition_variable changed_;
  // Guarded by mu_.
  int first_pieces_ = 0;
  int ends_ = 0;
  absl::Status failure_;
};

}  // namespace colophon::bench
