#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"

namespace colophon {

// What one client process sent and was told, in a file of its own:
//
//   line   = time SP entry "\n"
//   entry  = "sent" SP operation SP method SP bytes    before the call
//          | "started" SP operation SP record          a stream's first message
//          | "answered" SP operation SP bytes          the whole answer
//          | "refused" SP operation SP reason          the server said no
//          | "failed" SP operation SP text             no answer came
//          | "saw" SP sequence SP commit               a watcher, or a reader
//          | "problem" SP text                         what must not happen
//   time   = nanoseconds of CLOCK_MONOTONIC, which all processes have in common
//   bytes  = a serialized message in hex digits
//
// An operation has a name of its own ("r3-c0-t1-17") that the server keeps, as a
// tag of a record, or as description and request id of a change.
//
// Each line is one write before anything else happens, so that it outlives the
// process, however that dies.
//
// Thread-safe.
class Ledger {
 public:
  // Adds to the file.
  explicit Ledger(const std::string& path);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  absl::Status status() const;

  void Sent(const std::string& operation, const std::string& method,
            const google::protobuf::MessageLite& request);
  void Started(const std::string& operation, const std::string& record);
  void Answered(const std::string& operation, const google::protobuf::MessageLite& answer);
  void Refused(const std::string& operation, const std::string& reason);
  void Failed(const std::string& operation, const std::string& text);
  void Saw(int64_t sequence, const std::string& commit);
  void Problem(const std::string& text);

 private:
  void Write(const std::string& entry);

  const int fd_;
};

// Now, as ledgers tell the time.
int64_t LedgerTime();

std::string BytesToHex(std::string_view bytes);
std::string HexToBytes(std::string_view hex);

}  // namespace colophon
