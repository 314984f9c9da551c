#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/base/status.h"
#include "service/git/served_refs.h"
#include "service/store/store.h"

namespace colophon {

// A bare git repository on disk, for programs that read one. Goes when nobody holds it.
//
// Thread-safe: constant.
class Mirror {
 public:
  explicit Mirror(std::string directory) : directory_(std::move(directory)) {}
  ~Mirror();
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  const std::string& directory() const { return directory_; }

 private:
  const std::string directory_;
};

// Copies of the store's repositories as git knows them. The store is the truth: a mirror is
// made when somebody asks for it, follows the store whenever it is asked for, and is made
// anew when the process starts, when something is wrong with it, and when it has come to be
// of many packs. None is ever read back.
//
// Thread-safe. Blocks for the disk.
class Mirrors {
 public:
  // Empties `directory`, which is its own, and makes it when it isn't there.
  static absl::StatusOr<std::unique_ptr<Mirrors>> Open(Store* store, std::string directory);

  // Main and the drafts, as the store has them now. NOT_FOUND REPOSITORY_NOT_FOUND.
  absl::StatusOr<std::vector<Ref>> ListBranches(const std::string& repository) {
    return store_->ListRefs(repository, "refs/heads/");
  }
  // As the store stands now. NOT_FOUND REPOSITORY_NOT_FOUND.
  absl::StatusOr<std::shared_ptr<const Mirror>> Get(const std::string& repository);
  // Something was wrong with it: the next Get makes a new one.
  void Discard(const std::string& repository, const std::shared_ptr<const Mirror>& mirror);

  // For files that are to lie beside the mirrors: a folder that nobody else has.
  absl::StatusOr<std::string> MakeFolder(const std::string& purpose);

 private:
  struct Entry {
    std::mutex mu;
    // Guarded by mu.
    std::shared_ptr<const Mirror> mirror;  // Null: to be made.
    ServedRefs refs;
    int packs = 0;  // It has.
  };

  Mirrors(Store* store, std::string directory) : store_(store), directory_(std::move(directory)) {}

  std::shared_ptr<Entry> EntryOf(const std::string& repository);
  // REQUIRES: the entry's mu is held.
  absl::Status Refresh(const std::string& repository, Entry& entry);

  Store* const store_;
  const std::string directory_;

  std::mutex mu_;
  // Guarded by mu_.
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  int64_t next_folder_ = 0;
};

}  // namespace colophon
