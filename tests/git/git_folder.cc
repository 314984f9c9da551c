#include "tests/git/git_folder.h"

#include <filesystem>
#include <sstream>
#include <utility>

#include "fmt/format.h"
#include "git2.h"
#include "gtest/gtest.h"
#include "service/git/libgit2.h"

namespace colophon {
namespace {

// No configuration of this machine's, and always the same moment.
constexpr char kEnvironment[] =
    "GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME='Ada Lovelace' "
    "GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME='Grace Hopper' "
    "GIT_COMMITTER_EMAIL=grace@example.com GIT_AUTHOR_DATE='1700000000 +0200' "
    "GIT_COMMITTER_DATE='1700000060 +0200'";

std::string Line(std::string output) {
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

// The repository in a folder, opened by libgit2.
class OpenFolder {
 public:
  explicit OpenFolder(const std::string& path) {
    InitLibgit2();
    git_repository* repository = nullptr;
    EXPECT_EQ(git_repository_open(&repository, path.c_str()), 0);
    repository_.reset(repository);
    git_odb* odb = nullptr;
    EXPECT_EQ(git_repository_odb(&odb, repository), 0);
    odb_.reset(odb);
  }

  git_odb* odb() const { return odb_.get(); }

  SharedObject Read(const git_oid* oid) const {
    git_odb_object* object = nullptr;
    EXPECT_EQ(git_odb_read(&object, odb_.get(), oid), 0);
    auto read = std::make_shared<const Object>(
        Object{FromOid(*oid), static_cast<ObjectType>(git_odb_object_type(object)),
               std::string(static_cast<const char*>(git_odb_object_data(object)),
                           git_odb_object_size(object))});
    git_odb_object_free(object);
    return read;
  }

 private:
  GitRepository repository_;
  GitOdb odb_;
};

}  // namespace

GitFolder::GitFolder(std::string path) : path_(std::move(path)) {
  std::filesystem::create_directories(path_);
  Git("init -q -b main");
}

std::string GitFolder::Git(const std::string& arguments) const {
  const ShellResult result =
      Shell(fmt::format("cd '{}' && {} git {}", path_, kEnvironment, arguments));
  EXPECT_EQ(result.exit_code, 0) << "git " << arguments << "\n" << result.output;
  return result.output;
}

void GitFolder::Write(const std::string& path, const std::string& content) const {
  const std::filesystem::path file = path_ + "/" + path;
  std::filesystem::create_directories(file.parent_path());
  WriteFile(file, content);
}

ObjectId GitFolder::Commit(const std::string& message) const {
  Git("add -A");
  RunIn("commit -q --allow-empty --allow-empty-message -F -", message);
  return IdOf("HEAD");
}

ObjectId GitFolder::IdOf(const std::string& revision) const {
  return IdOfText(Line(Git(fmt::format("rev-parse '{}'", revision))));
}

std::string GitFolder::RunIn(const std::string& arguments, const std::string& input) const {
  WriteFile(path_ + "/.git/input", input);
  return Line(Git(arguments + " < .git/input"));
}

std::string GitFolder::WriteBlob(const std::string& content) const {
  return RunIn("hash-object -w --stdin", content);
}

void GitFolder::AddEntry(const std::string& mode, const std::string& id,
                         const std::string& path) const {
  Git(fmt::format("update-index --add --cacheinfo {},{},{}", mode, id, path));
}

std::string GitFolder::MakeTree(const std::string& lines) const {
  return RunIn("mktree --missing", lines);
}

std::vector<SharedObject> GitFolder::Objects() const {
  const OpenFolder folder(path_);
  std::vector<git_oid> ids;
  git_odb_foreach(
      folder.odb(),
      [](const git_oid* oid, void* all) {
        static_cast<std::vector<git_oid>*>(all)->push_back(*oid);
        return 0;
      },
      &ids);
  std::vector<SharedObject> objects;
  for (const git_oid& id : ids) objects.push_back(folder.Read(&id));
  return objects;
}

std::vector<SharedObject> GitFolder::ObjectsOf(const std::string& revisions) const {
  const OpenFolder folder(path_);
  std::istringstream lines(Git("rev-list --objects " + revisions));
  std::vector<SharedObject> objects;
  for (std::string line; std::getline(lines, line);) {
    const git_oid oid = ToOid(IdOfText(line.substr(0, 40)));
    objects.push_back(folder.Read(&oid));
  }
  return objects;
}

void GitFolder::Take(const std::vector<SharedObject>& objects) const {
  const OpenFolder folder(path_);
  for (const SharedObject& object : objects) {
    git_oid oid;
    EXPECT_EQ(git_odb_write(&oid, folder.odb(), object->data.data(), object->data.size(),
                            static_cast<git_object_t>(object->type)),
              0);
    EXPECT_EQ(FromOid(oid), object->id);
  }
}

}  // namespace colophon
