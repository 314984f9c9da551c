#include "service/git/libgit2.h"

#include <cstring>

#include "fmt/format.h"

namespace colophon {

void InitLibgit2() {
  static const int started = [] {
    const int count = git_libgit2_init();
    // Our own checks come first; these would read every parent and tree again.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
    // What the store returns has had its hash checked.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    // An exported repository is to survive a power cut.
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    return count;
  }();
  static_cast<void>(started);
}

absl::Status FromLibgit2(int error, std::string_view doing) {
  if (error >= 0) return absl::OkStatus();
  const git_error* last = git_error_last();
  return Internal(fmt::format("libgit2 could not {}: {} ({})", doing,
                              last == nullptr ? "no reason given" : last->message, error));
}

git_oid ToOid(const ObjectId& id) {
  git_oid oid;
  std::memcpy(oid.id, id.bytes().data(), sizeof(oid.id));
  return oid;
}

ObjectId FromOid(const git_oid& oid) {
  return *ObjectId::FromBytes({reinterpret_cast<const char*>(oid.id), sizeof(oid.id)});
}

}  // namespace colophon
