#pragma once

// Our objects as libgit2 sees them.

#include <memory>
#include <mutex>
#include <string_view>

#include "git2.h"
#include "service/base/status.h"
#include "service/git/libgit2.h"
#include "service/git/objects.h"

namespace colophon {

// What something failed with first.
//
// Thread-safe.
class FirstFailure {
 public:
  void Note(const absl::Status& status) {
    std::lock_guard lock(mu_);
    status_.Update(status);
  }
  absl::Status status() const {
    std::lock_guard lock(mu_);
    return status_;
  }

 private:
  mutable std::mutex mu_;
  absl::Status status_;  // Guarded by mu_.
};

// A repository of libgit2's without files and refs. Its object database reads what an
// ObjectReader has (the store's objects, or those of changes under way) and writes
// into an ObjectStage.
//
// Not thread-safe. Where libgit2 has threads of its own, to build a pack, they read from
// an ObjectReader that is thread-safe.
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

  // Of reading an object, other than that there is none.
  std::unique_ptr<FirstFailure> failure_ = std::make_unique<FirstFailure>();
  GitOdb odb_;
  GitRepository repository_;
};

}  // namespace colophon
