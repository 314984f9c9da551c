#include "service/api/served_call.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/api/method.h"
#include "service/base/log.h"

namespace colophon {
namespace {

constexpr size_t kMaxCallerBytes = 128;

google::protobuf::ArenaOptions OptionsOf(char* block, size_t size) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block;
  options.initial_block_size = size;
  return options;
}

// What a quiet operator wants to read: our failures, then what may need help,
// then the callers' mistakes; what goes well is for debugging.
LogLevel LevelOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kCancelled:
      return LogLevel::kDebug;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return LogLevel::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kFailedPrecondition:
      return LogLevel::kWarning;
    default:
      return LogLevel::kInfo;
  }
}

absl::Status Stopping() {
  return WithRetryDelay(
      Unavailable("STOPPING", "the server is stopping; call another one or try again"),
      absl::Seconds(1));
}

}  // namespace

namespace {

bool IsCaller(std::string_view name) {
  const bool printable =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return c >= 0x20 && c <= 0x7e; });
  return !name.empty() && name.size() <= kMaxCallerBytes && printable;
}

}  // namespace

absl::Status CheckCaller(std::string_view caller) {
  if (IsCaller(caller)) return absl::OkStatus();
  return InvalidArgument(
      "BAD_CALLER",
      fmt::format("metadata \"colophon-caller\" has {} bytes; it must be 1 to {} printable ASCII "
                  "characters, or be left out",
                  caller.size(), kMaxCallerBytes));
}

absl::Status CheckCertificateName(std::string_view name) {
  if (IsCaller(name)) return absl::OkStatus();
  return InvalidArgument(
      "BAD_CALLER",
      fmt::format("the name in the client's certificate has {} bytes; to call here it must be 1 to "
                  "{} printable ASCII characters: use another certificate",
                  name.size(), kMaxCallerBytes));
}

ServedCall::ServedCall(const Method* method, CallCounters* counters)
    : method_(*method),
      counters_(counters),
      start_(std::chrono::steady_clock::now()),
      arena_(OptionsOf(arena_block_, sizeof(arena_block_))),
      request_(method->request_prototype->New(&arena_)) {
  counters_->CountOpen();
}

ServedCall::~ServedCall() { counters_->CountClosed(); }

absl::Status ServedCall::Begin() {
  counters_->CountBegin();
  if (counters_->stopping()) return Stopping();
  ASSIGN_OR_RETURN(Arrival arrival, Arrive());
  if (arrival.caller) {
    RETURN_IF_ERROR(CheckCaller(*arrival.caller));
    call_.caller = *std::move(arrival.caller);
  }
  if (!arrival.certificate_name.empty()) {
    RETURN_IF_ERROR(CheckCertificateName(arrival.certificate_name));
    call_.caller = arrival.certificate_name;  // Whatever it says of itself.
  }
  call_.certificate_name = std::move(arrival.certificate_name);
  call_.traceparent = std::move(arrival.traceparent);
  call_.request_bytes = arrival.request_bytes;
  call_.stop = &stop_;
  return absl::OkStatus();
}

const Call& ServedCall::call() {
  if (call_.caller.empty()) call_.caller = Address();
  return call_;
}

Call ServedCall::call_with_time_left() {
  Call call = this->call();
  call.time_left = TimeLeft();
  return call;
}

absl::Status ServedCall::IsInVain() const {
  if (IsGone()) return absl::CancelledError("the caller went away before its turn came");
  return counters_->stopping() ? Stopping() : absl::OkStatus();
}

void ServedCall::set_on_gone(std::function<void()> on_gone) {
  {
    std::lock_guard lock(mu_);
    if (!gone_) {
      on_gone_ = std::move(on_gone);
      return;
    }
  }
  on_gone();
}

void ServedCall::OnGone() {
  stop_.Stop();
  std::function<void()> on_gone;
  {
    std::lock_guard lock(mu_);
    gone_ = true;
    on_gone = std::exchange(on_gone_, nullptr);
  }
  if (on_gone) on_gone();
}

void ServedCall::NoteRecord(const std::string& record) {
  if (std::exchange(has_record_, true)) return;
  details_.Add("record", record);
  SendRecord(record);
}

void ServedCall::End(Answer answer) {
  if (!ended_.exchange(true)) Send(std::move(answer));
}

void ServedCall::End(const absl::Status& status) {
  if (ended_.exchange(true)) return;
  const ErrorMetadata metadata = MetadataOf(status);
  if (const auto record = metadata.find("record"); record != metadata.end()) {
    NoteRecord(record->second);
  }
  Send(status);
}

void ServedCall::Close(const absl::Status& status) {
  {
    // What is told to go may hold this call.
    std::lock_guard lock(mu_);
    on_gone_ = nullptr;
  }
  if (!status.ok() && status.code() != absl::StatusCode::kCancelled) counters_->CountError();
  if (IsLogged(LevelOf(status.code()))) Log(status);
}

void ServedCall::Log(const absl::Status& status) {
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start_;
  LogLine line("rpc", method_.name);
  line.Add("code", absl::StatusCodeToString(status.code()));
  line.AddMilliseconds("ms", took.count());
  line.Add("caller", call().caller);
  line.Append(details_);
  if (!status.ok()) {
    line.Add("reason", ReasonOf(status));
    for (const auto& [key, value] : MetadataOf(status)) line.Add(key, value);
    line.Add("message", MessageOf(status));
  }
  colophon::Log(LevelOf(status.code()), line);
}

}  // namespace colophon
