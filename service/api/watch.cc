#include "service/api/watch.h"

#include <utility>
#include <vector>

#include "boost/asio/as_tuple.hpp"
#include "fmt/format.h"
#include "service/base/field_check.h"

namespace colophon {
namespace {

constexpr absl::Duration kDefaultHeartbeat = absl::Seconds(5);
constexpr absl::Duration kMinHeartbeat = absl::Milliseconds(10);
constexpr absl::Duration kMaxHeartbeat = absl::Minutes(10);

}  // namespace

Watch::Watch(Registry* registry, Workers* readers, Clock* clock, Loop& loop,
             std::shared_ptr<ServedCall> call)
    : registry_(registry),
      readers_(readers),
      clock_(clock),
      loop_(loop),
      call_(std::move(call)),
      timer_(loop_.context()) {}

absl::Status Watch::Begin(const v1::WatchChangesRequest& request) {
  repository_ = request.repository();
  call_->details().Add("repository", repository_);
  heartbeat_interval_ = kDefaultHeartbeat;
  if (request.has_heartbeat_interval()) {
    ASSIGN_OR_RETURN(heartbeat_interval_,
                     ReadDuration("BAD_HEARTBEAT_INTERVAL", "heartbeat_interval",
                                  request.heartbeat_interval(), kMinHeartbeat, kMaxHeartbeat));
  }
  const int64_t start = request.start_sequence();
  if (start < 0) {
    return InvalidArgument("BAD_SEQUENCE",
                           fmt::format("start_sequence is {}; it must be 1 or more, or 0 for what "
                                       "happens from now on",
                                       start));
  }
  RETURN_IF_ERROR(CheckRepositoryName(repository_));
  ASSIGN_OR_RETURN(const int64_t newest, registry_->Sequence(repository_));
  if (start > newest + 1) {
    return Error(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE",
                 fmt::format("start_sequence is {}, but the newest change of \"{}\" is {}; start "
                             "at {} at most",
                             start, repository_, newest, newest + 1),
                 {{"sequence", fmt::to_string(newest)}});
  }
  next_sequence_ = start == 0 ? newest + 1 : start;
  return absl::OkStatus();
}

Task<absl::Status> Watch::Run() {
  // First of all, so that the caller knows that it is connected.
  bool taken = co_await Send(Heartbeat());
  while (taken && end_.ok()) {
    // The key by which it began may have been revoked.
    CO_RETURN_IF_ERROR(CheckRight(call_->call(), Right::kRead, {.repository = repository_}));
    absl::StatusOr<std::optional<v1::Change>> change = co_await ReadNext();
    CO_RETURN_IF_ERROR(change.status());
    if (change->has_value()) {
      v1::WatchChangesResponse message;
      *message.mutable_change() = **std::move(change);
      ++next_sequence_;
      taken = co_await Send(std::move(message));
      continue;
    }
    co_await WaitForChange();
    if (!woken_ && end_.ok()) taken = co_await Send(Heartbeat());
  }
  if (end_.ok()) co_return absl::CancelledError("the caller went away");
  co_return end_;
}

Task<absl::StatusOr<std::optional<v1::Change>>> Watch::ReadNext() {
  using Changes = absl::StatusOr<std::vector<v1::Change>>;
  Changes changes = co_await Await<Changes>([this](auto done) {
    absl::Status queued = readers_->Run(repository_, [this, done] {
      const auto read = [&] { return registry_->ListChangesFrom(repository_, next_sequence_, 1); };
      done(AnswerOf(read));
    });
    if (!queued.ok()) done(queued);
  });
  CO_RETURN_IF_ERROR(changes.status());
  if (changes->empty()) co_return std::nullopt;
  v1::Change& change = changes->front();
  if (change.sequence() != next_sequence_) {
    co_return DataLoss("SEQUENCE_GAP",
                       fmt::format("change {} of \"{}\" is missing: the store has {} next; run "
                                   "VerifyStore",
                                   next_sequence_, repository_, change.sequence()));
  }
  co_return std::move(change);
}

Task<bool> Watch::Send(v1::WatchChangesResponse message) {
  co_return co_await Await<bool>(
      [&](auto done) { call_->Write(Answer(std::move(message)), std::move(done)); });
}

Task<void> Watch::WaitForChange() {
  woken_ = false;
  // One that comes after this wait makes the next one look once more, no harm.
  const uint64_t subscription =
      registry_->Subscribe(repository_, next_sequence_ - 1, [self = shared_from_this()] {
        self->loop_.Post([self] {
          self->woken_ = true;
          self->timer_.cancel();
        });
      });
  timer_.expires_after(absl::ToChronoNanoseconds(heartbeat_interval_));
  if (end_.ok()) {
    co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  registry_->Unsubscribe(subscription);
}

v1::WatchChangesResponse Watch::Heartbeat() const {
  v1::WatchChangesResponse message;
  message.mutable_heartbeat()->set_sequence(next_sequence_ - 1);
  *message.mutable_heartbeat()->mutable_server_time() = ToProto(clock_->Now());
  return message;
}

void Watch::Stop() { EndSoon(Stopping()); }

absl::Status Watch::Stopping() {
  return WithRetryDelay(
      Unavailable("STOPPING",
                  "the server is stopping; watch again from the sequence after the "
                  "last one that came"),
      absl::Seconds(1));
}

void Watch::EndSoon(absl::Status why) {
  loop_.Post([self = shared_from_this(), why = std::move(why)] {
    if (self->end_.ok()) self->end_ = why;
    self->timer_.cancel();
  });
}

void Watch::Leave() { EndSoon(absl::CancelledError("the caller went away")); }

}  // namespace colophon
