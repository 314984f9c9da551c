#include "service/registry/version_loader.h"

#include <algorithm>
#include <map>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/git/file_finder.h"
#include "service/store/git_object.h"
#include "service/template/prompt/closure_loader.h"

namespace colophon {
namespace {

absl::Status Corrupt(const std::string& name, const std::string& what) {
  return DataLoss("CORRUPT_VERSION",
                  fmt::format("{} in the store is damaged: {}; restore from a backup", name, what));
}

// A version that was published is never refused for its text again — unless
// the rules became stricter since.
absl::Status Unreadable(const std::string& name, const std::vector<v1::Diagnostic>& diagnostics) {
  return FailedPrecondition(
      "VERSION_UNREADABLE",
      fmt::format("{} can't be parsed: {}", name, MessageOf(DiagnosticsToStatus(diagnostics))));
}

std::shared_ptr<const LoadedVersion> Loaded(v1::Version version,
                                            std::shared_ptr<const prompt::Closure> closure) {
  auto loaded = std::make_shared<LoadedVersion>();
  loaded->serialized = version.SerializeAsString();
  loaded->version = std::move(version);
  loaded->closure = std::move(closure);
  return loaded;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const LoadedVersion>> VersionLoader::LoadNumbered(
    const std::string& repository, const std::string& prompt, uint32_t number) {
  ASSIGN_OR_RETURN(v1::Version version, store_->GetVersion(repository, prompt, number));
  std::map<std::string, const v1::File*> files;
  for (v1::File& file : *version.mutable_files()) {
    const auto blob = ObjectId::FromHex(file.blob());
    if (!blob) return Corrupt(version.name(), fmt::format("bad blob id of {}", file.path()));
    ASSIGN_OR_RETURN(Object object, store_->GetObject(repository, *blob));
    if (Sha256Hex(object.data) != file.sha256()) {
      return Corrupt(version.name(), fmt::format("{} doesn't have its SHA-256", file.path()));
    }
    file.set_content(std::move(object.data));
    files[file.path()] = &file;
  }
  const auto read = [&](const std::string& path) -> absl::StatusOr<std::optional<std::string>> {
    const auto found = files.find(path);
    if (found == files.end()) return std::nullopt;
    return found->second->content();
  };
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(auto closure, prompt::LoadClosure(PathOfPrompt(prompt), read, &diagnostics));
  if (closure == nullptr) return Unreadable(version.name(), diagnostics);
  if (closure->digest != version.digest()) {
    return Corrupt(version.name(), "its files don't have its digest");
  }
  return Loaded(std::move(version), std::move(closure));
}

absl::StatusOr<std::shared_ptr<const LoadedVersion>> VersionLoader::LoadDraft(
    const std::string& repository, const std::string& prompt, const ObjectId& id) {
  StoredObjects objects(store_, nullptr, repository);
  ASSIGN_OR_RETURN(const CommitFields commit, ReadCommit(objects, id));
  FileFinder files(&objects);
  const auto read = [&](const std::string& path) { return files.Read(commit.tree, path); };
  const std::string name = fmt::format("{}/{}@{}", repository, prompt, id.hex());
  const std::string path = PathOfPrompt(prompt);
  ASSIGN_OR_RETURN(const TreeFile own_file, files.Find(commit.tree, path));
  if (!own_file.exists()) {
    return NotFound("PROMPT_NOT_FOUND", fmt::format("no prompt \"{}\" in commit {} of {}", prompt,
                                                    id.hex(), repository));
  }
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(auto closure, prompt::LoadClosure(path, read, &diagnostics));
  if (closure == nullptr) return Unreadable(name, diagnostics);
  v1::Version version;
  version.set_name(name);
  version.set_repository(repository);
  version.set_prompt(prompt);
  version.set_commit(id.hex());
  version.set_digest(closure->digest);
  version.set_author(commit.author);
  version.set_description(commit.message);
  *version.mutable_publish_time() = ToProto(commit.time);
  for (const prompt::ClosureFile& file : closure->files) {
    v1::File* const copy = version.add_files();
    copy->set_path(file.path);
    copy->set_sha256(file.sha256);
    copy->set_content(file.content);
    copy->set_blob(HashObject(ObjectType::kBlob, file.content).hex());
  }
  return Loaded(std::move(version), std::move(closure));
}

absl::StatusOr<bool> VersionLoader::CommitHasPrompt(const std::string& repository,
                                                    const std::string& prompt, const ObjectId& id) {
  StoredObjects objects(store_, nullptr, repository);
  ASSIGN_OR_RETURN(const CommitFields commit, ReadCommit(objects, id));
  ASSIGN_OR_RETURN(const TreeFile file,
                   FileFinder(&objects).Find(commit.tree, PathOfPrompt(prompt)));
  return file.exists();
}

}  // namespace colophon
