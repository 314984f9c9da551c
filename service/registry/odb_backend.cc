#include "service/registry/odb_backend.h"

#include <cstring>
#include <memory>

#include "git2/sys/odb_backend.h"

namespace colophon {
namespace {

struct StoreBackend : git_odb_backend {
  Store* store;
  std::string repository;
  absl::Status* failure;
};

StoreBackend* Of(git_odb_backend* backend) { return static_cast<StoreBackend*>(backend); }

ObjectId ToId(const git_oid* oid) {
  return *ObjectId::FromBytes({reinterpret_cast<const char*>(oid->id), sizeof(oid->id)});
}

int Fail(StoreBackend* backend, const absl::Status& status) {
  if (status.code() == absl::StatusCode::kNotFound) return GIT_ENOTFOUND;
  *backend->failure = status;
  git_error_set_str(GIT_ERROR_ODB, MessageOf(status).c_str());
  return GIT_ERROR;
}

int Read(void** data, size_t* size, git_object_t* type, git_odb_backend* base, const git_oid* oid) {
  StoreBackend* const backend = Of(base);
  const auto object = backend->store->GetObject(backend->repository, ToId(oid));
  if (!object.ok()) return Fail(backend, object.status());
  // One byte more: libgit2 is not asked to allocate nothing.
  *data = git_odb_backend_data_alloc(backend, object->data.size() + 1);
  if (*data == nullptr) return GIT_ERROR;
  std::memcpy(*data, object->data.data(), object->data.size());
  static_cast<char*>(*data)[object->data.size()] = '\0';
  *size = object->data.size();
  *type = static_cast<git_object_t>(object->type);
  return 0;
}

int Exists(git_odb_backend* base, const git_oid* oid) {
  StoreBackend* const backend = Of(base);
  const auto exists = backend->store->HasObject(backend->repository, ToId(oid));
  if (!exists.ok()) *backend->failure = exists.status();
  return exists.ok() && *exists ? 1 : 0;
}

void Free(git_odb_backend* base) { delete Of(base); }

}  // namespace

absl::StatusOr<GitOdb> OpenStoreOdb(Store* store, const std::string& repository,
                                    absl::Status* status) {
  InitLibgit2();
  git_odb* raw = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_odb_new(&raw), "make an object database"));
  GitOdb odb(raw);
  auto backend = std::make_unique<StoreBackend>();
  RETURN_IF_ERROR(FromLibgit2(git_odb_init_backend(backend.get(), GIT_ODB_BACKEND_VERSION),
                              "make an object backend"));
  backend->store = store;
  backend->repository = repository;
  backend->failure = status;
  backend->read = Read;
  backend->exists = Exists;
  backend->free = Free;
  constexpr int kPriority = 1;
  RETURN_IF_ERROR(FromLibgit2(git_odb_add_backend(odb.get(), backend.get(), kPriority),
                              "add an object backend"));
  static_cast<void>(backend.release());  // The database frees it.
  return odb;
}

}  // namespace colophon
