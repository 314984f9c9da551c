#include "tests/bench/load.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "tests/bench/pacer.h"

namespace colophon::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;

constexpr std::chrono::seconds kCallLimit{30};

double Milliseconds(SteadyClock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status CheckAnswer(const LoadTarget& target, const grpc::Status& status,
                         const grpc::ByteBuffer& answer) {
  if (!status.ok()) {
    return Unavailable("CALL_FAILED", fmt::format("{}: {}", target.method, status.error_message()));
  }
  if (answer.Length() < target.min_answer_bytes) {
    return Unavailable("SHORT_ANSWER",
                       fmt::format("{} answered {} bytes instead of {} or more", target.method,
                                   answer.Length(), target.min_answer_bytes));
  }
  return absl::OkStatus();
}

// What all calls of one load share: who is still running, and what failed.
//
// Thread-safe.
class Progress {
 public:
  void Begin() {
    std::lock_guard lock(mu_);
    ++running_;
  }
  void End(const absl::Status& status) {
    std::lock_guard lock(mu_);
    status_.Update(status);
    if (--running_ == 0) idle_.notify_all();
  }
  bool failed() {
    std::lock_guard lock(mu_);
    return !status_.ok();
  }
  // Every call has a deadline, so this ends.
  absl::Status Wait() {
    std::unique_lock lock(mu_);
    idle_.wait(lock, [this] { return running_ == 0; });
    return status_;
  }

 private:
  std::mutex mu_;
  std::condition_variable idle_;
  // Guarded by mu_.
  int running_ = 0;
  absl::Status status_;
};

// One caller, whose calls follow each other.
class Caller {
 public:
  Caller(const LoadTarget& target, grpc::GenericStub& stub, Progress& progress)
      : target_(target), stub_(stub), progress_(progress), request_(ToBuffer(target.request)) {}

  // Calls until `end`; keeps the times of those that end after `start`.
  void Run(TimePoint start, TimePoint end) {
    start_ = start;
    end_ = end;
    progress_.Begin();
    Begin();
  }
  const std::vector<double>& milliseconds() const { return milliseconds_; }

 private:
  void Begin() {
    context_.emplace();
    context_->set_deadline(std::chrono::system_clock::now() + kCallLimit);
    answer_.Clear();
    called_at_ = SteadyClock::now();
    stub_.UnaryCall(&*context_, target_.method, grpc::StubOptions(), &request_, &answer_,
                    [this](const grpc::Status& status) { End(status); });
  }

  void End(const grpc::Status& status) {
    const TimePoint now = SteadyClock::now();
    const absl::Status checked = CheckAnswer(target_, status, answer_);
    if (now >= start_ && now < end_) milliseconds_.push_back(Milliseconds(now - called_at_));
    if (checked.ok() && now < end_) {
      Begin();
    } else {
      progress_.End(checked);
    }
  }

  // Constant after Run.
  const LoadTarget& target_;
  grpc::GenericStub& stub_;
  Progress& progress_;
  const grpc::ByteBuffer request_;
  TimePoint start_;
  TimePoint end_;

  std::optional<grpc::ClientContext> context_;
  grpc::ByteBuffer answer_;
  TimePoint called_at_;
  std::vector<double> milliseconds_;
};

// A call that was due at a certain time.
struct DueCall {
  grpc::ClientContext context;
  grpc::ByteBuffer answer;
  TimePoint due;
  double milliseconds = 0;
};

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<std::string> CallOnce(const LoadTarget& target) {
  grpc::GenericStub stub(OpenChannel(target.address));
  const grpc::ByteBuffer request = ToBuffer(target.request);
  DueCall call;
  call.context.set_wait_for_ready(true);
  call.context.set_deadline(std::chrono::system_clock::now() + kCallLimit);
  Progress progress;
  progress.Begin();
  stub.UnaryCall(
      &call.context, target.method, grpc::StubOptions(), &request, &call.answer,
      [&](const grpc::Status& status) { progress.End(CheckAnswer(target, status, call.answer)); });
  RETURN_IF_ERROR(progress.Wait());
  std::vector<grpc::Slice> slices;
  if (!call.answer.Dump(&slices).ok()) return Internal("the answer can't be read");
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

absl::StatusOr<LoadResult> RunClosedLoop(const LoadTarget& target, int in_flight,
                                         absl::Duration warm_up, absl::Duration duration) {
  grpc::GenericStub stub(OpenChannel(target.address));
  Progress progress;
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < in_flight; ++i) {
    callers.push_back(std::make_unique<Caller>(target, stub, progress));
  }
  const TimePoint start = SteadyClock::now() + absl::ToChronoNanoseconds(warm_up);
  const TimePoint end = start + absl::ToChronoNanoseconds(duration);
  progress.Begin();
  for (const auto& caller : callers) caller->Run(start, end);
  progress.End(absl::OkStatus());
  RETURN_IF_ERROR(progress.Wait());

  LoadResult result{absl::ToDoubleSeconds(duration), {}};
  for (const auto& caller : callers) {
    result.milliseconds.insert(result.milliseconds.end(), caller->milliseconds().begin(),
                               caller->milliseconds().end());
  }
  return result;
}

absl::StatusOr<LoadResult> RunOpenLoop(const LoadTarget& target, int rate, absl::Duration warm_up,
                                       absl::Duration duration) {
  grpc::GenericStub stub(OpenChannel(target.address));
  const grpc::ByteBuffer request = ToBuffer(target.request);
  const Pacer pacer(rate, warm_up, duration);
  Progress progress;
  std::vector<std::unique_ptr<DueCall>> calls;
  progress.Begin();
  for (int i = 0; i < pacer.count() && !progress.failed(); ++i) {
    DueCall* call = calls.emplace_back(std::make_unique<DueCall>()).get();
    call->due = pacer.WaitFor(i);
    call->context.set_deadline(std::chrono::system_clock::now() + kCallLimit);
    progress.Begin();
    stub.UnaryCall(&call->context, target.method, grpc::StubOptions(), &request, &call->answer,
                   [&target, &progress, call](const grpc::Status& status) {
                     call->milliseconds = Milliseconds(SteadyClock::now() - call->due);
                     progress.End(CheckAnswer(target, status, call->answer));
                   });
  }
  progress.End(absl::OkStatus());
  RETURN_IF_ERROR(progress.Wait());

  LoadResult result{absl::ToDoubleSeconds(duration), {}};
  for (int i = pacer.warm_up_count(); i < pacer.count(); ++i) {
    result.milliseconds.push_back(calls[static_cast<size_t>(i)]->milliseconds);
  }
  return result;
}

}  // namespace colophon::bench
