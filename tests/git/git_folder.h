#pragma once

#include <string>
#include <vector>

#include "service/git/objects.h"
#include "tests/testing/temp_dir.h"

namespace colophon {

// No objects at all.
class NoObjects : public ObjectReader {
 public:
  using ObjectReader::Get;
  absl::StatusOr<SharedObject> Get(const ObjectId& id) override {
    return NotFound("OBJECT_NOT_FOUND", id.hex());
  }
};

// A working folder of the git program, with branch main, in which Ada commits.
class GitFolder {
 public:
  explicit GitFolder(std::string path);

  // Runs git with these arguments of a shell's; what it printed. A test fails when git
  // does.
  std::string Git(const std::string& arguments) const;

  void Write(const std::string& path, const std::string& content) const;
  // Everything that was written, as a commit.
  ObjectId Commit(const std::string& message) const;

  // "HEAD", "main~2", "HEAD^{tree}".
  ObjectId IdOf(const std::string& revision) const;
  static ObjectId IdOfText(const std::string& hex) { return *ObjectId::FromHex(hex); }

  // The id of a new blob; the blob is in no commit.
  std::string WriteBlob(const std::string& content) const;
  // Puts an entry of any mode into the index.
  void AddEntry(const std::string& mode, const std::string& id, const std::string& path) const;
  // The id of a new tree of lines as `git ls-tree` prints them.
  std::string MakeTree(const std::string& lines) const;

  // All objects, read by libgit2.
  std::vector<SharedObject> Objects() const;
  // Those that `git push` would send: "main", "main ^3f2a9c1".
  std::vector<SharedObject> ObjectsOf(const std::string& revisions) const;
  // Writes objects into the folder's repository.
  void Take(const std::vector<SharedObject>& objects) const;

 private:
  std::string RunIn(const std::string& arguments, const std::string& input) const;

  const std::string path_;
};

}  // namespace colophon
