#include "service/git/exporter.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "fmt/format.h"
#include "git2.h"
#include "service/git/libgit2.h"
#include "service/git/objects.h"
#include "service/git/odb_backend.h"

namespace colophon {
namespace {

constexpr char kMain[] = "main";

absl::Status CheckIsNew(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error) && !error) return absl::OkStatus();
  return FailedPrecondition(
      "EXPORT_EXISTS",
      fmt::format("can't export to \"{}\": {}", directory,
                  error ? error.message() : "it exists; name a folder that doesn't"));
}

absl::StatusOr<GitRepository> InitBare(const std::string& directory) {
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags =
      GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
  options.initial_head = kMain;
  git_repository* raw = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_repository_init_ext(&raw, directory.c_str(), &options),
                              "make a bare repository"));
  return GitRepository(raw);
}

absl::Status WritePack(Store* store, const std::string& repository, const std::vector<Ref>& refs,
                       const std::string& directory) {
  if (refs.empty()) return absl::OkStatus();
  StoredObjects objects(store, nullptr, repository);
  ASSIGN_OR_RETURN(const OdbRepository source, OdbRepository::Open(&objects));
  git_revwalk* raw_walk = nullptr;
  RETURN_IF_ERROR(source.Check(git_revwalk_new(&raw_walk, source.get()), "begin a walk"));
  const GitRevwalk walk(raw_walk);
  for (const Ref& ref : refs) {
    const git_oid oid = ToOid(ref.target);
    RETURN_IF_ERROR(source.Check(git_revwalk_push(walk.get(), &oid), "walk from a ref"));
  }
  git_packbuilder* raw_pack = nullptr;
  RETURN_IF_ERROR(source.Check(git_packbuilder_new(&raw_pack, source.get()), "begin a pack"));
  const GitPackbuilder pack(raw_pack);
  RETURN_IF_ERROR(
      source.Check(git_packbuilder_insert_walk(pack.get(), walk.get()), "add to a pack"));
  const std::string folder = directory + "/objects/pack";
  return source.Check(git_packbuilder_write(pack.get(), folder.c_str(), 0444, nullptr, nullptr),
                      "write a pack");
}

}  // namespace

absl::Status ExportRepository(Store* store, const std::string& repository,
                              const std::string& directory) {
  InitLibgit2();
  RETURN_IF_ERROR(CheckIsNew(directory));
  // Before the objects: what a ref needs is then among them.
  ASSIGN_OR_RETURN(const auto refs, store->ListRefs(repository, ""));
  ASSIGN_OR_RETURN(const GitRepository target, InitBare(directory));
  RETURN_IF_ERROR(WritePack(store, repository, refs, directory));
  for (const Ref& ref : refs) {
    const git_oid oid = ToOid(ref.target);
    git_reference* raw = nullptr;
    RETURN_IF_ERROR(
        FromLibgit2(git_reference_create(&raw, target.get(), ref.name.c_str(), &oid, 0, nullptr),
                    "write a ref"));
    const GitReference owner(raw);
  }
  return absl::OkStatus();
}

}  // namespace colophon
