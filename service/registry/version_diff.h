#pragma once

#include <string>

#include "colophon/v1/registry.pb.h"
#include "service/base/call.h"
#include "service/base/status.h"
#include "service/registry/loaded_version.h"

namespace colophon {

// What changed between two versions: the text of all files of both closures as
// `git diff` prints it, and the front matter field by field.
absl::StatusOr<v1::DiffVersionsResponse> DiffLoadedVersions(const LoadedVersion& from,
                                                            const LoadedVersion& to,
                                                            const Call& call);

}  // namespace colophon
