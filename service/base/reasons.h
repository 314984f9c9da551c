#pragma once

// The catalogue of errors. A program decides by an error's reason (google.rpc.ErrorInfo,
// domain "colophon"), which is stable; its message is for people and may change.

#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace colophon {

struct Reason {
  std::string_view name;  // "STALE_BASE"
  absl::StatusCode code;  // What every error with this reason is.
  std::string_view meaning;
};

// Every reason that the service answers with, by name. The lint holds the sources to it.
const std::vector<Reason>& Reasons();

// Null when there is none of that name.
const Reason* FindReason(std::string_view name);

}  // namespace colophon
