#pragma once

// libgit2, started once, its errors as statuses and its handles with an owner. No
// other room includes it.

#include <memory>
#include <string_view>

#include "git2.h"
#include "service/base/status.h"
#include "service/store/object_store.h"

namespace colophon {

// Idempotent. Thread-safe.
void InitLibgit2();

// INTERNAL with libgit2's own words; OK for 0 and more.
absl::Status FromLibgit2(int error, std::string_view doing);

template <auto free>
struct Libgit2Free {
  template <class Handle>
  void operator()(Handle* handle) const {
    free(handle);
  }
};
using GitOdb = std::unique_ptr<git_odb, Libgit2Free<git_odb_free>>;
using GitOdbObject = std::unique_ptr<git_odb_object, Libgit2Free<git_odb_object_free>>;
using GitRepository = std::unique_ptr<git_repository, Libgit2Free<git_repository_free>>;
using GitPackbuilder = std::unique_ptr<git_packbuilder, Libgit2Free<git_packbuilder_free>>;
using GitPatch = std::unique_ptr<git_patch, Libgit2Free<git_patch_free>>;
using GitCommit = std::unique_ptr<git_commit, Libgit2Free<git_commit_free>>;
using GitRevwalk = std::unique_ptr<git_revwalk, Libgit2Free<git_revwalk_free>>;

git_oid ToOid(const ObjectId& id);
ObjectId FromOid(const git_oid& oid);

}  // namespace colophon
