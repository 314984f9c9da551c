#include "service/git/odb_backend.h"

#include <cstring>
#include <memory>
#include <string>

#include "git2/sys/odb_backend.h"

namespace colophon {
namespace {

struct Backend : git_odb_backend {
  ObjectReader* objects;
  ObjectStage* stage;  // Null: nothing can be written.
  FirstFailure* failure;
};

Backend* Of(git_odb_backend* backend) { return static_cast<Backend*>(backend); }

int Fail(Backend* backend, const absl::Status& status) {
  if (status.code() == absl::StatusCode::kNotFound) return GIT_ENOTFOUND;
  backend->failure->Note(status);
  git_error_set_str(GIT_ERROR_ODB, MessageOf(status).c_str());
  return GIT_ERROR;
}

int Read(void** data, size_t* size, git_object_t* type, git_odb_backend* base, const git_oid* oid) {
  Backend* const backend = Of(base);
  const auto read = backend->objects->Get(FromOid(*oid));
  if (!read.ok()) return Fail(backend, read.status());
  const Object& object = **read;
  // One byte more: libgit2 is not asked to allocate nothing.
  *data = git_odb_backend_data_alloc(backend, object.data.size() + 1);
  if (*data == nullptr) return GIT_ERROR;
  std::memcpy(*data, object.data.data(), object.data.size());
  static_cast<char*>(*data)[object.data.size()] = '\0';
  *size = object.data.size();
  *type = static_cast<git_object_t>(object.type);
  return 0;
}

int Exists(git_odb_backend* base, const git_oid* oid) {
  Backend* const backend = Of(base);
  const auto read = backend->objects->Get(FromOid(*oid));
  if (!read.ok()) Fail(backend, read.status());
  return read.ok() ? 1 : 0;
}

int Write(git_odb_backend* base, const git_oid* oid, const void* data, size_t size,
          git_object_t type) {
  Of(base)->stage->Put(
      std::make_shared<const Object>(Object{FromOid(*oid), static_cast<ObjectType>(type),
                                            std::string(static_cast<const char*>(data), size)}));
  return 0;
}

void Free(git_odb_backend* base) { delete Of(base); }

}  // namespace

absl::StatusOr<OdbRepository> OdbRepository::Open(ObjectReader* objects) {
  return Open(objects, nullptr);
}

absl::StatusOr<OdbRepository> OdbRepository::Open(ObjectStage* stage) { return Open(stage, stage); }

absl::StatusOr<OdbRepository> OdbRepository::Open(ObjectReader* objects, ObjectStage* stage) {
  InitLibgit2();
  OdbRepository opened;
  git_odb* odb = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_odb_new(&odb), "make an object database"));
  opened.odb_.reset(odb);
  auto backend = std::make_unique<Backend>();
  RETURN_IF_ERROR(FromLibgit2(git_odb_init_backend(backend.get(), GIT_ODB_BACKEND_VERSION),
                              "make an object backend"));
  backend->objects = objects;
  backend->stage = stage;
  backend->failure = opened.failure_.get();
  backend->read = Read;
  backend->exists = Exists;
  if (stage != nullptr) backend->write = Write;
  backend->free = Free;
  constexpr int kPriority = 1;
  RETURN_IF_ERROR(
      FromLibgit2(git_odb_add_backend(odb, backend.get(), kPriority), "add an object backend"));
  static_cast<void>(backend.release());  // The database frees it.
  git_repository* repository = nullptr;
  RETURN_IF_ERROR(
      FromLibgit2(git_repository_wrap_odb(&repository, odb), "open an object database"));
  opened.repository_.reset(repository);
  return opened;
}

absl::Status OdbRepository::Check(int error, std::string_view doing) const {
  const absl::Status failure = failure_->status();
  return failure.ok() ? FromLibgit2(error, doing) : failure;
}

}  // namespace colophon
