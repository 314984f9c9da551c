#pragma once

#include <functional>
#include <string>

#include "colophon/v1/record.pb.h"
#include "service/base/clock.h"
#include "service/base/ids.h"
#include "service/base/status.h"
#include "service/base/task.h"
#include "service/store/record_store.h"

namespace colophon {

// Writes records: an intent before the provider's first byte, an outcome before
// the caller's last. What it has acknowledged is durable.
//
// A record's id holds its intent's start_time, to the millisecond. When the wall's
// clock was wrong, the records made meanwhile stand where it said, and no others.
//
// Thread-safe; tasks resume on the Loop they were awaited on.
class Recorder {
 public:
  Recorder(RecordStore* store, Clock* clock);

  // Gives RECORD_STATUS_UNKNOWN to every intent without an outcome whose server is gone.
  // Returns how many.
  absl::StatusOr<int> CloseAbandonedRecords();

  // The new record's id. A row that is much to write is made on `workers`; null:
  // here.
  Task<absl::StatusOr<std::string>> RecordIntent(v1::Intent intent, Workers* workers = nullptr);
  // The same; when the workers are too busy the row is made here, so that none
  // is lost.
  Task<absl::Status> RecordOutcome(std::string id, const v1::Outcome& outcome,
                                   Workers* workers = nullptr);
  // Both at once, for a completion that the app made itself; gives it an id. A request
  // id that made a record gives that one again, ALREADY_EXISTS REQUEST_EXISTS when it
  // was another. Blocks for a look at the disk when there is a request id.
  void CreateRecord(v1::Record record, const std::string& request_id,
                    std::function<void(absl::StatusOr<v1::Record>)> done);

 private:
  std::string NewId(const v1::Intent& intent);
  absl::StatusOr<std::optional<v1::Record>> FindMade(const v1::Record& given,
                                                     const std::string& request_id) const;

  RecordStore* const store_;
  Clock* const clock_;
  IdGenerator ids_;
};

// The text a person would copy: all text parts of the answer, joined.
std::string OutputText(const v1::Completion& completion);
// Outcome.output_digest: of OutputText; empty when there is no text.
std::string OutputDigest(const v1::Completion& completion);

}  // namespace colophon
