#pragma once

// What git's clients send to push, and what they are answered (git's gitprotocol-pack,
// "Pushing Data To a Server", and gitprotocol-common):
//
//   request  = { shallow } command { command } flush [ pack ]
//   command  = line( id " " id " " name [ NUL capabilities ] )     an id of zeros: none
//   shallow  = line( "shallow " id )
//   line(x)  = 4 hex digits, the length with themselves; x [ LF ]
//   flush    = "0000"

#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/store/change_store.h"
#include "service/store/object_id.h"

namespace colophon {

inline constexpr int kMaxPushedRefs = 100;

// A ref that is to move.
struct PushedRef {
  std::string name;  // "refs/heads/main"
  ObjectId before;   // Where the client saw it; zero: nowhere.
  ObjectId after;    // Zero: it is to go.
};

struct PushRequest {
  std::vector<PushedRef> refs;  // Empty: the client only asks whether it may push.
  bool has_side_band = false;   // The client shows what it is told beside the report.
  bool is_atomic = false;       // All of them or none.
  std::string_view pack;        // Of the request's bytes; empty: none.
};

// INVALID_ARGUMENT BAD_PUSH. The pack is a view of `bytes`.
absl::StatusOr<PushRequest> ReadPushRequest(std::string_view bytes);

// What became of one ref.
struct PushedRefResult {
  std::string name;
  absl::Status status;
};

// The refs that a client may push on, with what is understood here.
std::string WritePushAdvertisement(const std::vector<Ref>& refs);

// `said` are lines for whoever pushed.
std::string WritePushReport(const PushRequest& request, const std::vector<PushedRefResult>& results,
                            const std::vector<std::string>& said);

// One of git's lines, and what ends a list of them.
std::string GitLine(std::string_view text);
inline constexpr char kGitFlush[] = "0000";

}  // namespace colophon
