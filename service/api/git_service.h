#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "service/base/call.h"
#include "service/base/child_process.h"
#include "service/base/status.h"
#include "service/git/git_program.h"
#include "service/git/mirrors.h"

namespace colophon {

// WHAT A CALLER CAN DO WITH GIT, by whichever door its client comes. A fetch is answered by
// git's own upload-pack over a mirror of the store.
//
// Thread-safe. Blocks for the disk.
class GitService {
 public:
  // So many fetches run at once; git's clients wait while theirs is counted and packed.
  static constexpr int kMaxFetches = 32;

  // An answer under way.
  class Fetch {
   public:
    Fetch(GitService* service, std::string repository, std::shared_ptr<const Mirror> mirror);
    ~Fetch();

    ChildProcess& program() { return *program_; }
    // After the program's end: OK, or INTERNAL GIT_FAILED with what it said. The mirror is
    // made anew then.
    absl::Status Finish();

   private:
    friend class GitService;
    GitService* const service_;
    const std::string repository_;
    const std::shared_ptr<const Mirror> mirror_;
    std::unique_ptr<ChildProcess> program_;
  };

  explicit GitService(Mirrors* mirrors) : mirrors_(mirrors) {}

  // NOT_FOUND REPOSITORY_NOT_FOUND; RESOURCE_EXHAUSTED BUSY.
  absl::StatusOr<std::unique_ptr<Fetch>> StartFetch(const std::string& repository,
                                                    const UploadPackOptions& options,
                                                    const Call& call);

 private:
  Mirrors* const mirrors_;
  std::atomic<int> fetches_{0};
};

}  // namespace colophon
