#include "service/provider/egress.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kIp6Bits = 128;
constexpr int kMappedBits = 96;  // Before an address of IPv4.

bool SharesBits(const IpAddress& one, const IpAddress& other, int bits) {
  const int whole = bits / 8;
  if (!std::equal(one.begin(), one.begin() + whole, other.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || ((one[whole] ^ other[whole]) >> (8 - rest)) == 0;
}

absl::Status Bad(const std::string& message) { return InvalidArgument("BAD_CONFIG", message); }

}  // namespace

absl::StatusOr<Egress> Egress::Make(const HttpUrl& url, const std::vector<std::string>& networks) {
  Egress egress;
  for (const std::string& text : networks) {
    const size_t slash = text.find('/');
    const std::optional<IpAddress> address = ParseIp(text.substr(0, slash));
    const bool is_ip4 = text.find(':') == text.npos;
    const int most = is_ip4 ? kIp6Bits - kMappedBits : kIp6Bits;
    int bits = most;
    if (slash != text.npos) {
      const char* const end = text.data() + text.size();
      const auto [read, error] = std::from_chars(text.data() + slash + 1, end, bits);
      if (error != std::errc() || read != end) bits = -1;
    }
    if (!address || bits < 0 || bits > most) {
      return Bad(
          fmt::format("allow_networks has \"{}\", which is no network: write "
                      "\"10.20.0.0/16\", \"fd12:3456::/32\" or one address",
                      text));
    }
    egress.networks_.push_back({*address, is_ip4 ? bits + kMappedBits : bits});
    egress.key_ += " " + text;
  }
  const std::optional<IpAddress> written = ParseIp(url.host);
  if (written && IsMetadata(*written) && !egress.Allows(*written)) {
    return Bad(
        fmt::format("base_url leads to {}, where a cloud tells a machine its secrets; if "
                    "that is meant, name it in allow_networks",
                    TextOf(*written)));
  }
  if (written) {
    egress.networks_.push_back({*written, kIp6Bits});
    egress.key_ += " " + TextOf(*written);
  }
  if (url.host == "localhost") {
    egress.allows_loopback_ = true;
    egress.key_ += " localhost";
  }
  return egress;
}

bool Egress::Allows(const IpAddress& ip) const {
  if (allows_loopback_ && IsLoopback(ip)) return true;
  const bool is_named = std::any_of(
      networks_.begin(), networks_.end(),
      [&](const Network& network) { return SharesBits(ip, network.address, network.bits); });
  return is_named || (!IsLocal(ip) && !IsMetadata(ip));
}

absl::Status Egress::Refuse(const std::string& address) {
  return Unavailable(
      "PROVIDER_UNREACHABLE",
      fmt::format("isn't called: its host means {}, which is not on the internet; if that is "
                  "where it should be, name the network in allow_networks",
                  address));
}

}  // namespace colophon
