#pragma once

#include <set>
#include <string>

#include "service/base/status.h"
#include "service/git/objects.h"

namespace colophon {

// INVALID_ARGUMENT CASE_TWINS when one of `added`, files of the tree `root`, or a
// folder on its way has a neighbour whose name differs only in case: a clone on macOS
// or Windows would have one of the two.
//
// Reads each folder on the way once.
absl::Status CheckCaseTwins(ObjectReader& objects, const ObjectId& root,
                            const std::set<std::string>& added);

}  // namespace colophon
