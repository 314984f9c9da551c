#pragma once

#include <functional>

#include "client/cpp/client.h"

namespace colophon {

// Calls `visit` with every page of a change after its first one, which a list, a
// watch or an answer had, until it says false. Not at all when the first page is
// the whole change.
absl::Status ReadChangePages(const Client& client, const v1::Change& first,
                             const CallOptions& options,
                             const std::function<bool(const v1::Change&)>& visit);

}  // namespace colophon
