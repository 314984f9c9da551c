#include "client/cpp/repository_watch.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "client/cpp/change_pages.h"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr absl::Duration kLongestGathering = absl::Milliseconds(2);
constexpr absl::Duration kPauseStep = absl::Milliseconds(50);
constexpr absl::Duration kFirstApplyDelay = absl::Milliseconds(50);
constexpr absl::Duration kLongestApplyDelay = absl::Seconds(2);

// The stream's waits are real ones, whatever a test's clock says.
absl::Duration Steady() { return Clock::Real()->Steady(); }

}  // namespace

RepositoryWatch::RepositoryWatch(Client client, std::string repository, int64_t sequence,
                                 bool settled, Options options, Callbacks callbacks)
    : client_(std::move(client)),
      repository_(std::move(repository)),
      options_(options),
      callbacks_(std::move(callbacks)),
      state_(std::make_shared<WatchState>()),
      start_sequence_(sequence),
      sequence_(sequence),
      seen_(sequence) {
  state_->settled = settled;
  if (settled) state_->contact_time = absl::ToUnixNanos(options_.clock->Now());
}

void RepositoryWatch::Start() {
  thread_ = std::thread([this] { Run(); });
}

RepositoryWatch::~RepositoryWatch() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
    if (stream_ != nullptr) stream_->Cancel();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RepositoryWatch::WaitUntilSettled(absl::Duration timeout) {
  std::unique_lock lock(mu_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(timeout),
                    [this] { return state_->settled.load() || stopping_; });
}

bool RepositoryWatch::stopping() {
  std::lock_guard lock(mu_);
  return stopping_;
}

void RepositoryWatch::Settle() {
  if (state_->settled) return;
  {
    std::lock_guard lock(mu_);
    state_->settled = true;
  }
  changed_.notify_all();
}

void RepositoryWatch::Run() {
  std::mt19937_64 random{std::random_device{}()};
  int failures = 0;
  while (!stopping()) {
    newest_ = -1;
    const absl::Status status = Follow();
    Settle();
    failures = newest_ >= 0 ? 1 : failures + 1;  // From 1 again after it was connected.
    if (absl::IsOutOfRange(status)) begin_again_ = true;
    const double chance = std::uniform_real_distribution<double>(0, 1)(random);
    const absl::Duration delay = RetryDelay(options_.reconnect, failures + 1, status, chance);
    Pause(delay);
  }
}

// No longer than until the server is back.
void RepositoryWatch::Pause(absl::Duration delay) {
  const absl::Duration end = Steady() + delay;
  if (!client_.WaitForConnection(absl::ZeroDuration())) {
    while (!stopping() && Steady() < end) {
      if (client_.WaitForConnection(std::min(kPauseStep, end - Steady()))) return;
    }
  }
  std::unique_lock lock(mu_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(end - Steady()), [this] { return stopping_; });
}

absl::Status RepositoryWatch::Follow() {
  v1::WatchChangesRequest request;
  request.set_repository(repository_);
  request.set_start_sequence(begin_again_ ? 0 : seen_ + 1);
  *request.mutable_heartbeat_interval() = ToProto(options_.heartbeat_interval);
  Stream<v1::WatchChangesResponse> stream = client_.WatchChanges(request);
  {
    std::lock_guard lock(mu_);
    if (stopping_) return absl::CancelledError();
    stream_ = &stream;
  }
  absl::Status status = FollowStream(stream);
  std::lock_guard lock(mu_);
  stream_ = nullptr;
  return status;
}

absl::Status RepositoryWatch::FollowStream(Stream<v1::WatchChangesResponse>& stream) {
  const absl::Duration silence = options_.heartbeat_interval * options_.max_missed_heartbeats;
  absl::Duration heard = Steady();
  while (true) {
    if (noted_ && Steady() >= apply_by_) Apply();
    v1::WatchChangesResponse event;
    switch (stream.Read(&event, (noted_ ? apply_at_ : heard + silence) - Steady())) {
      case ReadResult::kEnd:
        return stream.Finish();
      case ReadResult::kMessage:
        RETURN_IF_ERROR(Take(event));
        heard = Steady();
        break;
      case ReadResult::kTimeout:
        if (noted_) Apply();
        if (Steady() - heard > silence) {
          return Unavailable("WATCH_SILENT",
                             fmt::format("no heartbeat of \"{}\" for {}", repository_,
                                         absl::FormatDuration(silence)));
        }
        break;
    }
  }
}

absl::Status RepositoryWatch::Take(const v1::WatchChangesResponse& event) {
  if (event.has_heartbeat()) RETURN_IF_ERROR(TakeHeartbeat(event.heartbeat()));
  if (event.has_change()) RETURN_IF_ERROR(TakeChange(event.change()));
  if (!noted_) NoteContact();
  return absl::OkStatus();
}

absl::Status RepositoryWatch::TakeHeartbeat(const v1::Heartbeat& heartbeat) {
  // The first says how far the stream has come, not how far the repository has.
  if (newest_ < 0) {
    v1::ListChangesRequest request;
    request.set_name(repository_);
    request.set_page_size(1);
    ASSIGN_OR_RETURN(const auto page, client_.ListChanges(request, {.max_attempts = 1}));
    newest_ = page.changes().empty() ? 0 : page.changes(0).sequence();
  }
  if (!begin_again_) return absl::OkStatus();
  begin_again_ = false;
  start_sequence_ = seen_ = heartbeat.sequence();
  callbacks_.note_all();
  ApplySoon();
  return absl::OkStatus();
}

absl::Status RepositoryWatch::TakeChange(const v1::Change& change) {
  if (begin_again_ || change.sequence() <= seen_) return absl::OkStatus();
  if (change.sequence() != seen_ + 1) {
    begin_again_ = true;
    return DataLoss("WATCH_GAP", fmt::format("change {} of \"{}\" came after change {}",
                                             change.sequence(), repository_, seen_));
  }
  // The stream has a change's first page. It isn't seen before the others are: a
  // move that stands there would be missed for ever.
  bool noted = callbacks_.note(change);
  RETURN_IF_ERROR(
      ReadChangePages(client_, change, {.max_attempts = 1}, [&](const v1::Change& page) {
        noted = callbacks_.note(page);
        return !stopping();
      }));
  if (stopping()) return absl::CancelledError();
  seen_ = change.sequence();
  if (noted) ApplySoon();
  return absl::OkStatus();
}

// As soon as nothing more is there to read, and soon in any case: a label that
// moved a hundred times while nobody listened is fetched once.
void RepositoryWatch::ApplySoon() {
  const absl::Duration now = Steady();
  apply_by_ = noted_ ? std::min(apply_by_, now + kLongestGathering) : now + kLongestGathering;
  apply_at_ = now;
  apply_delay_ = absl::ZeroDuration();
  noted_ = true;
}

void RepositoryWatch::Apply() {
  noted_ = !callbacks_.apply();
  if (!noted_) {
    NoteContact();
    return;
  }
  apply_delay_ = std::clamp(apply_delay_ * 2, kFirstApplyDelay, kLongestApplyDelay);
  apply_at_ = apply_by_ = Steady() + apply_delay_;
}

// Everything seen is applied; when that is all there is, the cache is current.
void RepositoryWatch::NoteContact() {
  sequence_ = seen_;
  if (newest_ < 0 || seen_ < newest_) return;
  state_->contact_time = absl::ToUnixNanos(options_.clock->Now());
  Settle();
}

}  // namespace colophon
