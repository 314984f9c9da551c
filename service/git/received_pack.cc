#include "service/git/received_pack.h"

#include <filesystem>
#include <optional>

#include "fmt/format.h"
#include "git2.h"
#include "git2/sys/odb_backend.h"
#include "service/git/git_program.h"
#include "service/git/libgit2.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

// A pack's head: "PACK", the version and the number of objects, four bytes each.
constexpr size_t kHeadBytes = 12;

absl::Status TooLarge(size_t max_bytes) {
  return InvalidArgument(
      "PUSH_TOO_LARGE",
      fmt::format("the objects pushed have more than {} bytes; push the commits in parts",
                  max_bytes));
}

std::optional<std::string> FindIndex(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder + "/objects/pack", ignored)) {
    if (entry.path().extension() == ".idx") return entry.path().string();
  }
  return std::nullopt;
}

// Reads all objects of a pack, as long as they are no more than `room`.
struct PackReader {
  git_odb* odb;
  const size_t max_bytes;
  size_t room;
  std::vector<SharedObject> objects;
  absl::Status status;

  absl::Status Read(const git_oid& oid) {
    size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    RETURN_IF_ERROR(FromLibgit2(git_odb_read_header(&size, &type, odb, &oid), "read a pack"));
    if (type == GIT_OBJECT_TAG) return absl::OkStatus();  // Nothing here reaches one.
    if (size > room) return TooLarge(max_bytes);
    room -= size;
    git_odb_object* raw = nullptr;
    RETURN_IF_ERROR(FromLibgit2(git_odb_read(&raw, odb, &oid), "read a pack"));
    const GitOdbObject owner(raw);
    objects.push_back(std::make_shared<const Object>(
        Object{FromOid(oid), static_cast<ObjectType>(git_odb_object_type(raw)),
               std::string(static_cast<const char*>(git_odb_object_data(raw)),
                           git_odb_object_size(raw))}));
    return absl::OkStatus();
  }

  static int Visit(const git_oid* oid, void* payload) {
    auto* const reader = static_cast<PackReader*>(payload);
    reader->status = reader->Read(*oid);
    return reader->status.ok() ? 0 : GIT_EUSER;
  }
};

}  // namespace

absl::StatusOr<std::vector<SharedObject>> ReadReceivedPack(const Mirror& mirror,
                                                           const std::string& folder,
                                                           std::string_view pack, size_t max_bytes,
                                                           const StopFlag* stop) {
  static constexpr char kNoObjects[] = "\0\0\0";
  if (pack.size() >= kHeadBytes && pack.substr(8, 4) == std::string_view(kNoObjects, 4)) {
    return std::vector<SharedObject>();
  }
  RETURN_IF_ERROR(IndexPack(mirror, folder, pack, stop));
  const auto index = FindIndex(folder);
  if (!index) return Internal("git index-pack made no index");
  InitLibgit2();
  git_odb* raw_odb = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_odb_new(&raw_odb), "make an object database"));
  const GitOdb odb(raw_odb);
  git_odb_backend* backend = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_odb_backend_one_pack(&backend, index->c_str()), "open a pack"));
  RETURN_IF_ERROR(FromLibgit2(git_odb_add_backend(odb.get(), backend, 1), "open a pack"));
  PackReader reader{odb.get(), max_bytes, max_bytes, {}, absl::OkStatus()};
  const int result = git_odb_foreach(odb.get(), PackReader::Visit, &reader);
  RETURN_IF_ERROR(reader.status);
  RETURN_IF_ERROR(FromLibgit2(result, "read a pack"));
  return std::move(reader.objects);
}

}  // namespace colophon
