#pragma once

#include <string_view>

#include "service/base/status.h"

namespace colophon {

// What a caller needs to be allowed to do something. Each is a right of its own; which a
// role has is said in service/access/grants.cc.
enum class Right {
  kNone,     // Everybody who is let in.
  kRead,     // Prompts, versions, labels, changes.
  kCall,     // Render, complete, and record what one has called oneself.
  kPublish,  // Change files.
  kRelease,  // Move labels.
  kAudit,    // Read records.
  kAdmin,
};

// What it is to be done with. A part that is empty means all of them: a right for "acme"
// without prompts is one for the whole repository, a right without one is for all.
struct Scope {
  std::string_view repository = {};
  // A prompt or a file, "support/triage", or what their paths begin with, "support/".
  std::string_view prompts = {};
  std::string_view label = {};
};

// What one caller may do, now: a key that was revoked may nothing any more.
//
// Thread-safe. Doesn't block.
class Permissions {
 public:
  virtual ~Permissions() = default;

  // OK when the right holds for the whole scope. PERMISSION_DENIED RIGHT_MISSING, whether
  // what is named exists or not; UNAUTHENTICATED KEY_REVOKED, KEY_EXPIRED.
  virtual absl::Status Check(Right right, const Scope& scope) const = 0;
  // The same when it holds for a part of the repository, or of any when that is empty:
  // for what then asks for each thing that it touches.
  virtual absl::Status CheckSome(Right right, std::string_view repository) const = 0;

  // Counts a request against what the caller may ask for in a time. RESOURCE_EXHAUSTED
  // RATE_LIMITED, with when to come again.
  virtual absl::Status TakeTurn() const = 0;
};

}  // namespace colophon
