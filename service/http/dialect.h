#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "service/api/answer.h"
#include "service/base/status.h"

namespace colophon {

// How one call is written in HTTP: the Connect protocol, or the shape of another API.
//
// Used by one thread at a time.
class Dialect {
 public:
  virtual ~Dialect() = default;

  virtual bool is_stream() const = 0;
  // Of an answer that is no error.
  virtual std::string_view content_type() const = 0;

  // Reads the message that the method takes. Once, before the others.
  virtual absl::Status Read(google::protobuf::Message* request) = 0;

  // What goes out for a message of the method; of a stream it may be nothing.
  virtual absl::StatusOr<std::string> Write(const Answer& answer) = 0;
  // Of a stream: what goes out at its end.
  virtual std::string WriteEnd(const absl::Status& status) = 0;
  // True when a stream says how it ended even when nothing else went out; else that is
  // an error as of any other call.
  virtual bool fails_within_stream() const = 0;

  // What headers say of the messages written so far.
  virtual std::vector<std::pair<std::string_view, std::string>> headers() const { return {}; }
};

}  // namespace colophon
