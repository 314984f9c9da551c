#include "service/registry/exporter.h"

#include <filesystem>
#include <system_error>

#include "fmt/format.h"
#include "git2.h"
#include "service/registry/libgit2.h"
#include "service/registry/odb_backend.h"

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

absl::Status WritePack(Store* store, const std::string& repository, const std::string& directory) {
  absl::Status failure;
  ASSIGN_OR_RETURN(const GitOdb odb, OpenStoreOdb(store, repository, &failure));
  git_repository* raw_source = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_repository_wrap_odb(&raw_source, odb.get()), "wrap the store"));
  const GitRepository source(raw_source);
  git_packbuilder* raw_pack = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_packbuilder_new(&raw_pack, source.get()), "begin a pack"));
  const GitPackbuilder pack(raw_pack);
  RETURN_IF_ERROR(store->ForEachObject(repository, [&](const Object& object) {
    const git_oid oid = ToOid(object.id);
    return FromLibgit2(git_packbuilder_insert(pack.get(), &oid, nullptr), "add to a pack");
  }));
  if (git_packbuilder_object_count(pack.get()) == 0) return absl::OkStatus();
  const std::string folder = directory + "/objects/pack";
  const int error = git_packbuilder_write(pack.get(), folder.c_str(), 0444, nullptr, nullptr);
  // The store knows better than libgit2 what went wrong.
  return failure.ok() ? FromLibgit2(error, "write a pack") : failure;
}

}  // namespace

absl::Status ExportRepository(Store* store, const std::string& repository,
                              const std::string& directory) {
  InitLibgit2();
  RETURN_IF_ERROR(CheckIsNew(directory));
  // Before the objects: what a ref needs is then among them.
  ASSIGN_OR_RETURN(const auto refs, store->ListRefs(repository, ""));
  ASSIGN_OR_RETURN(const GitRepository target, InitBare(directory));
  RETURN_IF_ERROR(WritePack(store, repository, directory));
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
