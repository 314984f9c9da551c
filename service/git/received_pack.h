#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/base/stop_flag.h"
#include "service/git/mirrors.h"
#include "service/git/objects.h"

namespace colophon {

// The objects of a pack that somebody pushed onto what `mirror` has. Git's index-pack looks
// at it in `folder`, an empty one, where nothing else is: each object's hash, that it is
// well-formed and that what it names is there.
//
// INVALID_ARGUMENT BAD_PACK with what git says; PUSH_TOO_LARGE when its objects have more
// than `max_bytes`. Blocks; `stop` may be null.
absl::StatusOr<std::vector<SharedObject>> ReadReceivedPack(const Mirror& mirror,
                                                           const std::string& folder,
                                                           std::string_view pack, size_t max_bytes,
                                                           const StopFlag* stop);

}  // namespace colophon
