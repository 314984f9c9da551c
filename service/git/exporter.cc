#include "service/git/exporter.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "fmt/format.h"
#include "service/git/bare_repository.h"
#include "service/git/served_refs.h"

namespace colophon {
namespace {

absl::Status CheckIsNew(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error) && !error) return absl::OkStatus();
  return FailedPrecondition(
      "EXPORT_EXISTS",
      fmt::format("can't export to \"{}\": {}", directory,
                  error ? error.message() : "it exists; name a folder that doesn't"));
}

}  // namespace

absl::Status ExportRepository(Store* store, const std::string& repository,
                              const std::string& directory) {
  RETURN_IF_ERROR(CheckIsNew(directory));
  RETURN_IF_ERROR(InitBareRepository(directory).status());
  // Before the objects: what a ref needs is then among them.
  ServedRefs refs;
  RETURN_IF_ERROR(refs.Update(store, repository).status());
  std::vector<ObjectId> tips;
  for (const Ref& ref : refs.branches()) tips.push_back(ref.target);
  RETURN_IF_ERROR(WritePack(store, repository, tips, {}, directory).status());
  return WritePackedRefs(refs.PackedRefs(), directory);
}

}  // namespace colophon
