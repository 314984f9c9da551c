#include "client/cpp/connection.h"

#include <algorithm>
#include <thread>

#include "absl/time/clock.h"
#include "client/cpp/channel.h"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(100);

// gRPC aborts the process on a header that is not printable ASCII.
std::string HeaderValue(const std::string& text) {
  std::string value;
  for (const unsigned char c : text) {
    if (c >= 0x20 && c < 0x7f) {
      value += static_cast<char>(c);
    } else {
      value += fmt::format("%{:02X}", c);
    }
  }
  return value;
}

double Random() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace

gpr_timespec AfterNow(absl::Duration timeout) {
  // gRPC takes the far future for no deadline at all.
  if (timeout == absl::InfiniteDuration()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const timespec span =
      absl::ToTimespec(std::clamp(timeout, absl::ZeroDuration(), absl::Hours(24 * 365 * 10)));
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      {span.tv_sec, static_cast<int32_t>(span.tv_nsec), GPR_TIMESPAN});
}

Connection::Connection(ClientOptions options)
    : options_(std::move(options)),
      environment_{options_.clock, options_.sleep, options_.random},
      channel_(Connect(options_.address, options_.tls, &channel_status_)),
      registry_(v1::RegistryService::NewStub(channel_)),
      completion_(v1::CompletionService::NewStub(channel_)),
      record_(v1::RecordService::NewStub(channel_)),
      admin_(v1::AdminService::NewStub(channel_)),
      ids_(options_.clock) {
  if (!environment_.sleep) environment_.sleep = [this](absl::Duration delay) { Sleep(delay); };
  if (!environment_.random) environment_.random = Random;
}

bool Connection::WaitForConnection(absl::Duration timeout) {
  return channel_->WaitForConnected(AfterNow(timeout));
}

void Connection::LookForConnection() {
  if (channel_->GetState(false) == GRPC_CHANNEL_TRANSIENT_FAILURE) WaitForConnection(kLook);
}

void Connection::Sleep(absl::Duration delay) {
  if (channel_->GetState(true) == GRPC_CHANNEL_READY) {
    absl::SleepFor(delay);  // It is the server who asks to wait.
  } else {
    WaitForConnection(delay);
  }
}

void Connection::Prepare(const CallOptions& call, absl::Duration timeout,
                         grpc::ClientContext* context) const {
  const std::string& caller = call.caller.empty() ? options_.caller : call.caller;
  if (!caller.empty()) context->AddMetadata("colophon-caller", HeaderValue(caller));
  if (!options_.key.empty()) {
    context->AddMetadata("authorization", "Bearer " + HeaderValue(options_.key));
  }
  if (!call.traceparent.empty()) {
    context->AddMetadata("traceparent", HeaderValue(call.traceparent));
  }
  // The clock may be a test's; gRPC knows only the real one.
  if (timeout != absl::InfiniteDuration()) context->set_deadline(AfterNow(timeout));
}

absl::Status Connection::Explain(const grpc::Status& status, absl::Duration timeout) const {
  absl::Status result = FromGrpc(status);
  if (result.ok() || !ReasonOf(result).empty()) return result;
  if (absl::IsUnavailable(result)) {
    return Unavailable("SERVER_UNREACHABLE",
                       fmt::format("no answer from {}: {}", options_.address,
                                   ExplainUnreachable(options_.address, MessageOf(result))));
  }
  if (absl::IsDeadlineExceeded(result)) {
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE",
                 fmt::format("no answer from {} within {}", options_.address,
                             absl::FormatDuration(timeout)));
  }
  // gRPC's own refusals may come without a word.
  if (!MessageOf(result).empty()) return result;
  return absl::Status(result.code(), fmt::format("{} answers {} and says no more", options_.address,
                                                 absl::StatusCodeToString(result.code())));
}

absl::Status Connection::Check(const absl::Status& status,
                               const google::protobuf::Message& request) {
  const bool may_be_unreadable =
      ReasonOf(status).empty() && (absl::IsUnimplemented(status) || absl::IsInternal(status) ||
                                   absl::IsInvalidArgument(status));
  const std::unique_ptr<google::protobuf::Message> again(request.New());
  if (!may_be_unreadable || again->ParseFromString(request.SerializeAsString())) return status;
  return InvalidArgument("NOT_UTF8",
                         "the request holds text that is not UTF-8, or JSON nested too "
                         "deep for protobuf: no server can read it");
}

}  // namespace colophon
