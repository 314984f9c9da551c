#include "service/rpc/rpc.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/rpc/status.h"
#include "spdlog/spdlog.h"

namespace colophon {
namespace {

constexpr size_t kMaxCallerBytes = 128;
constexpr char kCallerKey[] = "colophon-caller";
constexpr char kRecordKey[] = "colophon-record";
constexpr char kTraceparentKey[] = "traceparent";

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

// "ipv4:127.0.0.1:54321" → "127.0.0.1", "ipv6:%5B::1%5D:54321" → "::1".
std::string AddressOfPeer(std::string_view peer) {
  const size_t scheme = peer.find(':');
  if (scheme == std::string_view::npos || !peer.starts_with("ipv")) return std::string(peer);
  peer.remove_prefix(scheme + 1);
  peer = peer.substr(0, peer.rfind(':'));
  if (peer.starts_with("%5B") && peer.ends_with("%5D")) peer = peer.substr(3, peer.size() - 6);
  if (peer.starts_with('[') && peer.ends_with(']')) peer = peer.substr(1, peer.size() - 2);
  return std::string(peer);
}

// Empty when metadata doesn't say it.
absl::StatusOr<std::string> ReadCaller(const grpc::CallbackServerContext& context) {
  const auto [begin, end] = context.client_metadata().equal_range(kCallerKey);
  if (begin == end) return "";
  const std::string_view caller = View(begin->second);
  if (std::next(begin) != end) {
    return InvalidArgument("BAD_CALLER",
                           "metadata \"colophon-caller\" is there more than once; "
                           "send it once");
  }
  const bool printable = std::all_of(caller.begin(), caller.end(),
                                     [](unsigned char c) { return c >= 0x20 && c <= 0x7e; });
  if (caller.empty() || caller.size() > kMaxCallerBytes || !printable) {
    return InvalidArgument(
        "BAD_CALLER",
        fmt::format("metadata \"colophon-caller\" has {} bytes; it must be 1 to {} printable ASCII "
                    "characters, or be left out",
                    caller.size(), kMaxCallerBytes));
  }
  return std::string(caller);
}

std::string ReadTraceparent(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find(kTraceparentKey);
  return found == context.client_metadata().end() ? "" : std::string(View(found->second));
}

// What a quiet operator wants to read: our failures, then what may need help,
// then the callers' mistakes; what goes well is for debugging.
spdlog::level::level_enum LevelOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kCancelled:
      return spdlog::level::debug;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return spdlog::level::err;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kFailedPrecondition:
      return spdlog::level::warn;
    default:
      return spdlog::level::info;
  }
}

absl::Status Stopping() {
  return WithRetryDelay(
      Unavailable("STOPPING", "the server is stopping; call another one or try again"),
      absl::Seconds(1));
}

}  // namespace

void RpcCounters::CountEnd() {
  if (--open_ > 0 || !stopping_) return;
  std::lock_guard lock(mu_);
  none_open_.notify_all();
}

void RpcCounters::AwaitEnds(absl::Duration timeout) {
  std::unique_lock lock(mu_);
  none_open_.wait_for(lock, absl::ToChronoNanoseconds(timeout), [this] { return open_ == 0; });
}

Rpc::Rpc(RpcCounters* counters, const char* name, grpc::CallbackServerContext* context)
    : counters_(counters),
      name_(name),
      context_(context),
      start_(std::chrono::steady_clock::now()) {
  counters_->CountOpen();
}

absl::Status Rpc::Begin(const grpc::ByteBuffer& request, int64_t max_bytes,
                        std::string_view where) {
  counters_->CountBegin();
  if (counters_->stopping()) return Stopping();
  ASSIGN_OR_RETURN(call_.caller, ReadCaller(*context_));
  call_.traceparent = ReadTraceparent(*context_);
  call_.stop = &stop_;
  RETURN_IF_ERROR(CheckRequest(request, max_bytes, where));
  call_.request_bytes = request.Length();
  return absl::OkStatus();
}

absl::Status Rpc::IsInVain() const {
  if (context_->IsCancelled()) {
    return absl::CancelledError("the caller went away before its turn came");
  }
  return counters_->stopping() ? Stopping() : absl::OkStatus();
}

// gRPC keeps the deadline by its steady clock and tells it by the wall's: what is
// left is asked of the same clock at once, before somebody sets it. (absl::Now lags
// behind for seconds after that.)
absl::Duration Rpc::TimeLeft() const {
  const auto deadline = context_->deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteDuration();
  return absl::FromChrono(deadline - std::chrono::system_clock::now());
}

const CallContext& Rpc::call() {
  if (call_.caller.empty()) call_.caller = AddressOfPeer(context_->peer());
  return call_;
}

CallContext Rpc::call_with_time_left() {
  CallContext call = this->call();
  call.time_left = TimeLeft();
  return call;
}

void Rpc::NoteCancel() const {
  if (TimeLeft() > absl::ZeroDuration()) counters_->CountTakenBack(context_->peer());
}

void Rpc::NoteRecord(const std::string& record) {
  if (std::exchange(has_record_, true)) return;
  context_->AddInitialMetadata(kRecordKey, record);
  context_->AddTrailingMetadata(kRecordKey, record);
  details_.Add("record", record);
}

grpc::Status Rpc::End(const absl::Status& status) {
  if (!status.ok()) {
    const ErrorMetadata metadata = MetadataOf(status);
    if (const auto record = metadata.find("record"); record != metadata.end()) {
      NoteRecord(record->second);
    }
  }
  if (!status.ok() && status.code() != absl::StatusCode::kCancelled) counters_->CountError();
  if (spdlog::should_log(LevelOf(status.code()))) Log(status);
  return ToGrpc(status);
}

void Rpc::Log(const absl::Status& status) {
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start_;
  LogLine line("rpc", name_);
  line.Add("code", absl::StatusCodeToString(status.code()));
  line.AddMilliseconds("ms", took.count());
  line.Add("caller", call().caller);
  std::string text = line.text();
  if (!details_.text().empty()) text += " " + details_.text();
  if (!status.ok()) {
    LogLine error("reason", ReasonOf(status));
    for (const auto& [key, value] : MetadataOf(status)) error.Add(key, value);
    error.Add("message", MessageOf(status));
    text += " " + error.text();
  }
  spdlog::log(LevelOf(status.code()), "{}", text);
}

}  // namespace colophon
