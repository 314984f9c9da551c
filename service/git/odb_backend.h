#pragma once

// Our objects as libgit2 sees them.

#include <memory>
#include <string_view>

#include "git2.h"
#include "service/base/status.h"
#include "service/git/libgit2.h"
#include "service/git/objects.h"

namespace colophon {

// A repository of libgit2's without files and refs. Its object database reads what an
// ObjectReader has (the store's objects, or those of changes under way) and writes
// into an ObjectStage.
//
// Not thread-safe.
class OdbRepository {
 public:
  // Nothing can be written. `objects` must outlive it.
  static absl::StatusOr<OdbRepository> Open(ObjectReader* objects);
  // What libgit2 writes is put into `stage`, which must outlive it.
  static absl::StatusOr<OdbRepository> Open(ObjectStage* stage);

  git_repository* get() const { return repository_.get(); }

  // What a call of libgit2's returned, as a status: what the reader said of an object
  // that it could not read, or else libgit2's own words.
  absl::Status Check(int error, std::string_view doing) const;

 private:
  OdbRepository() = default;
  static absl::StatusOr<OdbRepository> Open(ObjectReader* objects, ObjectStage* stage);

  // What reading an object failed with, other than that there is none.
  std::unique_ptr<absl::Status> failure_ = std::make_unique<absl::Status>();
  GitOdb odb_;
  GitRepository repository_;
};

}  // namespace colophon
