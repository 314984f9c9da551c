#pragma once

#include <string>

#include "service/registry/libgit2.h"
#include "service/store/store.h"

namespace colophon {

// A libgit2 object database that reads the durable objects of one repository
// from the store, and nothing else. What the store had to say of an object that
// could not be read is in `status`, which must outlive it.
//
// Not thread-safe.
absl::StatusOr<GitOdb> OpenStoreOdb(Store* store, const std::string& repository,
                                    absl::Status* status);

}  // namespace colophon
