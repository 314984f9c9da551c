#include "service/git/bare_repository.h"

#include "git2.h"
#include "service/git/objects.h"
#include "service/git/odb_backend.h"

namespace colophon {

absl::StatusOr<GitRepository> InitBareRepository(const std::string& directory) {
  InitLibgit2();
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags =
      GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
  options.initial_head = "main";
  git_repository* raw = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_repository_init_ext(&raw, directory.c_str(), &options),
                              "make a bare repository"));
  return GitRepository(raw);
}

absl::StatusOr<bool> WritePack(Store* store, const std::string& repository,
                               const std::vector<ObjectId>& tips,
                               const std::vector<ObjectId>& known, const std::string& directory) {
  if (tips.empty()) return false;
  StoredObjects objects(store, nullptr, repository);
  ASSIGN_OR_RETURN(const OdbRepository source, OdbRepository::Open(&objects));
  git_revwalk* raw_walk = nullptr;
  RETURN_IF_ERROR(source.Check(git_revwalk_new(&raw_walk, source.get()), "begin a walk"));
  const GitRevwalk walk(raw_walk);
  for (const ObjectId& tip : tips) {
    const git_oid oid = ToOid(tip);
    RETURN_IF_ERROR(source.Check(git_revwalk_push(walk.get(), &oid), "walk from a ref"));
  }
  for (const ObjectId& id : known) {
    const git_oid oid = ToOid(id);
    RETURN_IF_ERROR(source.Check(git_revwalk_hide(walk.get(), &oid), "walk to a ref"));
  }
  git_packbuilder* raw_pack = nullptr;
  RETURN_IF_ERROR(source.Check(git_packbuilder_new(&raw_pack, source.get()), "begin a pack"));
  const GitPackbuilder pack(raw_pack);
  git_packbuilder_set_threads(pack.get(), 0);  // As many as there are processors.
  RETURN_IF_ERROR(
      source.Check(git_packbuilder_insert_walk(pack.get(), walk.get()), "add to a pack"));
  if (git_packbuilder_object_count(pack.get()) == 0) return false;
  const std::string folder = directory + "/objects/pack";
  RETURN_IF_ERROR(source.Check(
      git_packbuilder_write(pack.get(), folder.c_str(), 0444, nullptr, nullptr), "write a pack"));
  return true;
}

}  // namespace colophon
