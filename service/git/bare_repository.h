#pragma once

#include <string>
#include <vector>

#include "service/base/status.h"
#include "service/git/libgit2.h"
#include "service/store/store.h"

namespace colophon {

// A bare git repository in `directory`, which must not exist, with HEAD at main and
// nothing in it.
absl::StatusOr<GitRepository> InitBareRepository(const std::string& directory);

// Writes what `tips` reach and `known` don't, as one pack, into the bare repository in
// `directory`, where what `known` reach is already. False: there is nothing to write.
absl::StatusOr<bool> WritePack(Store* store, const std::string& repository,
                               const std::vector<ObjectId>& tips,
                               const std::vector<ObjectId>& known, const std::string& directory);

}  // namespace colophon
