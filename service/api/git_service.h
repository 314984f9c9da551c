#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "service/base/call.h"
#include "service/base/running_program.h"
#include "service/base/status.h"
#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/git/git_program.h"
#include "service/git/mirrors.h"
#include "service/registry/registry.h"

namespace colophon {

class Metrics;

// WHAT A CALLER CAN DO WITH GIT, by whichever door its client comes. A fetch is answered by
// git's own upload-pack over a mirror of the store; a push is changes, as any others.
//
// It has workers of its own, for a first mirror takes as long as its repository is large, and
// nobody but git's clients is to wait for that.
//
// Thread-safe. StartFetch blocks for the disk.
class GitService {
 public:
  // So many fetches run at once; git's clients wait while theirs is counted and packed.
  static constexpr int kMaxFetches = 32;

  // A request is in memory whole. So many pushes are at once, and so large one may be; and the
  // same of what a client wants and has: a line for each version, when it has none of them.
  static constexpr int kMaxPushes = 4;
  static constexpr size_t kMaxPushBytes = 64 << 20;
  static constexpr int kMaxWishes = 16;
  static constexpr size_t kMaxWishBytes = 32 << 20;

  // Room for one request.
  class RequestRoom {
   public:
    explicit RequestRoom(std::atomic<int>* taken) : taken_(taken) {}
    ~RequestRoom() { taken_->fetch_sub(1); }
    RequestRoom(const RequestRoom&) = delete;
    RequestRoom& operator=(const RequestRoom&) = delete;

   private:
    std::atomic<int>* const taken_;
  };

  // An answer under way.
  class Fetch {
   public:
    Fetch(GitService* service, std::string repository, std::shared_ptr<const Mirror> mirror);
    ~Fetch();

    RunningProgram& program() { return *program_; }
    // After the program's end: OK, also when it found that the client asks for nonsense,
    // as it has told the client. INTERNAL GIT_FAILED with what it said when it can't go on
    // by no fault of the client's: the mirror is then made anew.
    absl::Status Finish();

   private:
    friend class GitService;
    GitService* const service_;
    const std::string repository_;
    const std::shared_ptr<const Mirror> mirror_;
    std::unique_ptr<RunningProgram> program_;
  };

  // `metrics` null: they aren't kept.
  GitService(Mirrors* mirrors, Registry* registry, Workers* workers, Metrics* metrics = nullptr)
      : mirrors_(mirrors), registry_(registry), workers_(workers), metrics_(metrics) {}

  // A request was answered so, after so long: counted and logged, as an RPC is.
  // `service`: "git-upload-pack".
  void NoteAnswer(const std::string& repository, std::string_view service,
                  const std::string& caller, const absl::Status& status, absl::Duration took);

  Workers* workers() { return workers_; }

  // NOT_FOUND REPOSITORY_NOT_FOUND; RESOURCE_EXHAUSTED BUSY.
  absl::StatusOr<std::unique_ptr<Fetch>> StartFetch(const std::string& repository,
                                                    const UploadPackOptions& options,
                                                    const Call& call);

  // What an advertisement of a service begins with, "git-upload-pack".
  static std::string ServiceHead(std::string_view service);
  // What a push can be made on, as git's clients read it. NOT_FOUND REPOSITORY_NOT_FOUND.
  Task<absl::StatusOr<std::string>> AdvertiseForPush(const std::string& repository,
                                                     const Call& call);
  // Null: there are too many. To be had before a request is read.
  std::unique_ptr<RequestRoom> MakeRoom(bool for_push);
  // See GitPush.
  Task<absl::StatusOr<std::string>> Push(const std::string& repository, std::string bytes,
                                         const Call& call);

 private:
  Mirrors* const mirrors_;
  Registry* const registry_;
  Workers* const workers_;
  Metrics* const metrics_;
  std::atomic<int> fetches_{0};
  std::atomic<int> pushes_{0};
  std::atomic<int> wishes_{0};
};

}  // namespace colophon
