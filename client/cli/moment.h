#pragma once

#include <cstdint>
#include <string>

#include "client/cpp/client.h"

namespace colophon {

// The newest change of a repository ("acme", or a name in it) at a moment, which is a change's
// number or a time. NOT_FOUND BEFORE_FIRST.
absl::StatusOr<int64_t> SequenceAt(const Client& client, const std::string& name,
                                   const std::string& at);

}  // namespace colophon
