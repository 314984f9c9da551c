// watch

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "client/cli/change_text.h"
#include "client/cli/commands.h"
#include "client/cli/pages.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

constexpr absl::Duration kPauseStep = absl::Milliseconds(50);

struct WatchOptions {
  std::string repository;
  int64_t from = 0;
  int count = 0;
};

// Prints the changes of repositories as they happen, a thread for each. A
// server that goes away is waited for; only what fails for good ends it.
class ChangePrinter {
 public:
  ChangePrinter(const Session& session, WatchOptions options)
      : out_(session.output()), client_(session.NewClient()), options_(std::move(options)) {}

  absl::Status Run(const std::vector<std::string>& repositories) {
    std::vector<std::thread> threads;
    threads.reserve(repositories.size());
    for (const std::string& repository : repositories) {
      threads.emplace_back([this, repository] { End(Watch(repository)); });
    }
    for (std::thread& thread : threads) thread.join();
    return status_;
  }

 private:
  using WatchStream = Stream<v1::WatchChangesResponse>;

  absl::Status Watch(const std::string& repository) {
    int64_t next = options_.from;
    bool connected = false;
    const RetryPolicy policy;
    std::mt19937_64 random{std::random_device{}()};
    for (int failures = 0;;) {
      bool heard = false;
      absl::Status status = Follow(repository, &next, &heard);
      connected = connected || heard;
      failures = heard ? 1 : failures + 1;
      if (!absl::IsUnavailable(status) || !connected) return status;
      if (heard) Tell(fmt::format("{}; trying again", MessageOf(status)));
      const double chance = std::uniform_real_distribution<double>(0, 1)(random);
      if (!Pause(RetryDelay(policy, failures + 1, status, chance))) return absl::OkStatus();
    }
  }

  absl::Status Follow(const std::string& repository, int64_t* next, bool* heard) {
    v1::WatchChangesRequest request;
    request.set_repository(repository);
    request.set_start_sequence(*next);
    WatchStream stream = client_.WatchChanges(request);
    if (!Begin(&stream)) return absl::OkStatus();
    v1::WatchChangesResponse event;
    while (stream.Read(&event)) {
      *heard = true;
      if (event.has_heartbeat()) *next = event.heartbeat().sequence() + 1;
      if (!event.has_change()) continue;
      *next = event.change().sequence() + 1;
      if (!Print(event)) break;
    }
    const absl::Status status = stream.Finish();
    return Forget(&stream) ? absl::OkStatus() : status;
  }

  // False when it was the last that was asked for.
  bool Print(const v1::WatchChangesResponse& event) {
    std::lock_guard lock(mu_);
    if (done_) return false;
    if (out_.json()) {
      out_.Json(event);
    } else {
      const v1::Change& change = event.change();
      out_.Line(fmt::format(
          "{}{}{}{}{}{}{}", out_.Styled(Style::kDim, out_.Time(change.change_time())), Gap(),
          out_.Styled(Style::kBold, fmt::format("{}#{}", change.repository(), change.sequence())),
          Gap(), out_.Safe(FirstLine(DescribeChange(change))), Gap(),
          out_.Styled(Style::kDim, out_.Safe(FirstLine(change.description())))));
    }
    out_.Flush().IgnoreError();
    if (++printed_ == options_.count) StopLocked();
    return !done_;
  }

  const char* Gap() const { return out_.terminal() ? "  " : "\t"; }

  void Tell(const std::string& text) {
    std::lock_guard lock(mu_);
    out_.Note(text);
  }

  // The streams that run are cancelled when the last change is printed.
  bool Begin(WatchStream* stream) {
    std::lock_guard lock(mu_);
    if (!done_) streams_.push_back(stream);
    return !done_;
  }

  bool Forget(WatchStream* stream) {
    std::lock_guard lock(mu_);
    streams_.erase(std::remove(streams_.begin(), streams_.end(), stream), streams_.end());
    return done_;
  }

  // False when it is done. No longer than until the server is back.
  bool Pause(absl::Duration delay) {
    Clock* const clock = Clock::Real();
    const absl::Duration end = clock->Steady() + delay;
    if (!client_.WaitForConnection(absl::ZeroDuration())) {
      while (!done() && clock->Steady() < end) {
        if (client_.WaitForConnection(std::min(kPauseStep, end - clock->Steady()))) return !done();
      }
    }
    std::unique_lock lock(mu_);
    return !wake_.wait_for(lock, absl::ToChronoNanoseconds(end - clock->Steady()),
                           [this] { return done_; });
  }

  bool done() {
    std::lock_guard lock(mu_);
    return done_;
  }

  // One repository that fails for good ends the whole.
  void End(const absl::Status& status) {
    std::lock_guard lock(mu_);
    if (status_.ok()) status_ = status;
    StopLocked();
  }

  void StopLocked() {
    done_ = true;
    for (WatchStream* stream : streams_) stream->Cancel();
    wake_.notify_all();
  }

  const Output& out_;
  const Client client_;
  const WatchOptions options_;

  std::mutex mu_;
  std::condition_variable wake_;
  // Guarded by mu_.
  std::vector<WatchStream*> streams_;
  absl::Status status_;
  int printed_ = 0;
  bool done_ = false;
};

absl::Status Watch(const Session& session, const WatchOptions& options) {
  std::vector<std::string> repositories = {options.repository};
  if (options.repository.empty()) {
    ASSIGN_OR_RETURN(
        const auto response,
        ReadPages(session.NewClient(), &Client::ListRepositories, v1::ListRepositoriesRequest(), 0,
                  &v1::ListRepositoriesResponse::mutable_repositories));
    repositories.clear();
    for (const v1::Repository& repository : response.repositories()) {
      repositories.push_back(repository.name());
    }
  }
  if (repositories.empty()) {
    return NotFound("NO_REPOSITORY",
                    "there are no repositories yet; `colophon init NAME` makes one");
  }
  return ChangePrinter(session, options).Run(repositories);
}

}  // namespace

void AddWatchCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* command = session->AddCommand(app, "watch", "Print changes as they happen",
                                          [=] { return Watch(*session, *options); });
  command->add_option("REPO", options->repository, "All repositories when not given");
  command->add_option("--from", options->from, "From this change on, those of the past first")
      ->type_name("SEQ")
      ->check(CLI::PositiveNumber);
  command->add_option("-n,--count", options->count, "End after so many")
      ->check(CLI::PositiveNumber);
}

}  // namespace colophon
