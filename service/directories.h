#pragma once

// Whether the service can write where it is told to, known before it does.

#include <string>

#include "service/base/status.h"

namespace colophon {

// OK when files can be written in `directory`, or in what of its path exists, so that it
// can be created. FAILED_PRECONDITION `reason` calls it `what` and ends with `remedy`:
//
//   can't write to the data directory "/srv/x": Permission denied; name another one ...
absl::Status CheckDirectory(const std::string& reason, const std::string& what,
                            const std::string& directory, const std::string& remedy);

}  // namespace colophon
