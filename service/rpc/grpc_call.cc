#include "service/rpc/grpc_call.h"

#include <iterator>
#include <map>
#include <optional>
#include <string_view>

#include "fmt/format.h"
#include "grpc/grpc_security_constants.h"
#include "service/rpc/message.h"

namespace colophon {
namespace {

constexpr char kApiKeyKey[] = "x-api-key";
constexpr char kAuthorizationKey[] = "authorization";
constexpr char kCallerKey[] = "colophon-caller";
constexpr char kRecordKey[] = "colophon-record";
constexpr char kTraceparentKey[] = "traceparent";

std::string ToString(grpc::string_ref text) { return {text.data(), text.size()}; }

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

// Of several it would be open which counts.
absl::StatusOr<std::optional<std::string>> OnlyValue(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, const char* key,
    const char* reason) {
  const auto [begin, end] = metadata.equal_range(key);
  if (begin == end) return std::nullopt;
  if (std::next(begin) == end) return ToString(begin->second);
  return InvalidArgument(reason,
                         fmt::format("metadata \"{}\" is there more than once; send it once", key));
}

// As NameOf of service/base/tls.h has it of the certificate.
std::string CertificateNameOf(const grpc::AuthContext& authenticated) {
  for (const char* property : {GRPC_PEER_DNS_PROPERTY_NAME, GRPC_PEER_URI_PROPERTY_NAME,
                               GRPC_PEER_EMAIL_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
    const auto names = authenticated.FindPropertyValues(property);
    if (names.empty()) continue;
    std::string name = ToString(names.front());
    return name.find('\0') == name.npos ? name : "";
  }
  return "";
}

}  // namespace

GrpcCall::GrpcCall(const Method* method, CallCounters* counters, const GrpcRules* rules,
                   grpc::CallbackServerContext* context, grpc::ByteBuffer* request)
    : ServedCall(method, counters), rules_(*rules), context_(context) {
  bytes_.Swap(request);
}

absl::StatusOr<ServedCall::Arrival> GrpcCall::Arrive() {
  Arrival arrival;
  const auto& metadata = context_->client_metadata();
  ASSIGN_OR_RETURN(arrival.caller, OnlyValue(metadata, kCallerKey, "BAD_CALLER"));
  ASSIGN_OR_RETURN(auto authorization, OnlyValue(metadata, kAuthorizationKey, "BAD_REQUEST"));
  ASSIGN_OR_RETURN(auto api_key, OnlyValue(metadata, kApiKeyKey, "BAD_REQUEST"));
  arrival.credentials.authorization = std::move(authorization).value_or("");
  arrival.credentials.api_key = std::move(api_key).value_or("");
  if (const auto trace = metadata.find(kTraceparentKey); trace != metadata.end()) {
    arrival.traceparent = ToString(trace->second);
  }
  if (rules_.has_certificates) {
    arrival.credentials.certificate_name = CertificateNameOf(*context_->auth_context());
  }
  RETURN_IF_ERROR(CheckRequest(bytes_, rules_.max_message_bytes));
  arrival.request_bytes = bytes_.Length();
  return arrival;
}

absl::Status GrpcCall::ParseRequest() {
  absl::Status parsed = ParseMessage(bytes_, request());
  bytes_.Clear();
  return parsed;
}

std::string GrpcCall::Address() const { return AddressOfPeer(context_->peer()); }

// gRPC keeps the deadline by its steady clock and tells it by the wall's: what is
// left is asked of the same clock at once, before somebody sets it. (absl::Now lags
// behind for seconds after that.)
absl::Duration GrpcCall::TimeLeft() const {
  const auto deadline = context_->deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteDuration();
  return absl::FromChrono(deadline - std::chrono::system_clock::now());
}

void GrpcCall::SendRecord(const std::string& record) {
  context_->AddInitialMetadata(kRecordKey, record);
  context_->AddTrailingMetadata(kRecordKey, record);
}

void GrpcCall::OnCancelled() {
  if (rules_.on_taken_back && TimeLeft() > absl::ZeroDuration()) {
    rules_.on_taken_back(context_->peer());
  }
  OnGone();
}

}  // namespace colophon
