#include "client/cpp/channel.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string_view>

#include "fmt/format.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "service/base/tls.h"

namespace colophon {
namespace {

constexpr std::string_view kHttps = "https://";
constexpr int kMaxReceiveBytes = 64 << 20;
constexpr int kFirstReconnectMilliseconds = 100;
constexpr int kLongestReconnectMilliseconds = 1'000;
constexpr int kConnectMilliseconds = 10'000;
constexpr int kKeepaliveMilliseconds = 60'000;
constexpr int kKeepaliveTimeoutMilliseconds = 20'000;

std::string TargetOf(const std::string& address) {
  return address.starts_with(kHttps) ? address.substr(kHttps.size()) : address;
}

bool IsLocal(const std::string& address) {
  for (const char* prefix : {"127.", "localhost:", "[::1]", "unix:"}) {
    if (address.rfind(prefix, 0) == 0) return true;
  }
  return false;
}

// gRPC itself would take HOST for HOST:443, and wait for it.
absl::Status CheckAddress(const std::string& whole) {
  const std::string address = TargetOf(whole);
  if (whole.starts_with("unix:")) return absl::OkStatus();
  const size_t colon = std::min(address.rfind(':'), address.size());
  const std::string host = address.substr(0, colon);
  const std::string port = address.substr(std::min(colon + 1, address.size()));
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  const bool is_host =
      !host.empty() && host.find('/') == host.npos && (is_bracketed || host.find(':') == host.npos);
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool is_port = error == std::errc() && end == port.data() + port.size() && number > 0;
  if (is_host && is_port) return absl::OkStatus();
  return InvalidArgument("BAD_ADDRESS",
                         fmt::format("\"{}\" is no server's address: write HOST:PORT, such as "
                                     "localhost:50051, or https://HOST:PORT for TLS",
                                     whole));
}

grpc::ChannelArguments ArgumentsFor(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  // gRPC's own pause after a failed connection begins at a second and grows to
  // two minutes: far too long for a server that restarts.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMilliseconds);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestReconnectMilliseconds);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMilliseconds);
  // A peer that vanished without a word is noticed while a call waits.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMilliseconds);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMilliseconds);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // http_proxy is for the world outside.
  if (IsLocal(target)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

absl::Status BadFile(const std::string& message) {
  return InvalidArgument("BAD_TLS_FILE", message);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsFor(const std::string& address,
                                                                         const ClientTls& tls) {
  const bool has_files =
      !tls.ca_file.empty() || !tls.certificate_file.empty() || !tls.key_file.empty();
  if (!address.starts_with(kHttps)) {
    if (!has_files) return grpc::InsecureChannelCredentials();
    return BadFile(
        fmt::format("files for TLS are given and \"{0}\" is plain text: write "
                    "https://{0}, or leave --tls-ca, --tls-cert and --tls-key out",
                    address));
  }
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    return BadFile("a certificate and its key go together: give both of --tls-cert and --tls-key");
  }
  const absl::StatusOr<TlsIdentity> identity = ReadTlsFiles(
      {.certificate = tls.certificate_file, .key = tls.key_file, .client_ca = tls.ca_file},
      {.certificate = "--tls-cert", .key = "--tls-key", .client_ca = "--tls-ca"});
  if (!identity.ok()) return BadFile(MessageOf(identity.status()));
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = identity->client_authorities;
  options.pem_private_key = identity->key;
  options.pem_cert_chain = identity->certificates;
  return grpc::SslCredentials(options);
}

// "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1:
// Failed to connect to remote host: Connection refused" → "Connection refused".
std::string LastCause(const std::string& message) {
  constexpr std::string_view kBefore = "Failed to connect to remote host: ";
  const size_t at = message.rfind(kBefore);
  return at == std::string::npos ? message : message.substr(at + kBefore.size());
}

bool HoldsAny(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != text.npos; });
}

std::string_view AdviceFor(const std::string& address, std::string_view cause) {
  const bool is_cut = HoldsAny(cause, {"Socket closed", "Connection reset", "Broken pipe",
                                       "handshake failed", "alert", "Endpoint"});
  if (!address.starts_with(kHttps)) {
    return is_cut ? "is it colophond, and does it speak TLS there? Then write https:// before it"
                  : "is colophond serving there?";
  }
  if (HoldsAny(cause, {"certificate verify failed", "CERTIFICATE_VERIFY_FAILED"})) {
    return "its certificate isn't valid, or of no authority that is known here: name the file of "
           "its authority with --tls-ca";
  }
  if (HoldsAny(cause, {"wrong version number", "WRONG_VERSION_NUMBER", "packet length too long"})) {
    return "it doesn't speak TLS there: call it without https://";
  }
  if (HoldsAny(cause, {"is not in peer certificate", "Hostname Verification"})) {
    return "its certificate is for other names: call it by one of those";
  }
  return is_cut ? "does it take only clients with a certificate? Show one with --tls-cert and "
                  "--tls-key"
                : "is colophond serving there?";
}

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const std::string& address, const ClientTls& tls,
                                       absl::Status* status) {
  *status = CheckAddress(address);
  auto credentials = CredentialsFor(address, tls);
  if (status->ok()) *status = credentials.status();
  const std::string target = TargetOf(address);
  return grpc::CreateCustomChannel(
      target, credentials.ok() ? *credentials : grpc::InsecureChannelCredentials(),
      ArgumentsFor(target));
}

std::string ExplainUnreachable(const std::string& address, const std::string& message) {
  const std::string cause = LastCause(message);
  return fmt::format("{}; {}", cause, AdviceFor(address, cause));
}

}  // namespace colophon
