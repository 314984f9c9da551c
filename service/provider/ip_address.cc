#include "service/provider/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace colophon {
namespace {

using Ip4 = std::array<unsigned char, 4>;

bool IsLocal4(const Ip4& ip) {
  return ip[0] == 0 || ip[0] == 10 || ip[0] == 127 ||     // This, private, loopback.
         (ip[0] == 100 && ip[1] >= 64 && ip[1] < 128) ||  // Shared by a carrier.
         (ip[0] == 169 && ip[1] == 254) ||                // Link: clouds' metadata.
         (ip[0] == 172 && ip[1] >= 16 && ip[1] < 32) ||   // Private.
         (ip[0] == 192 && (ip[1] == 168 || (ip[1] == 0 && ip[2] == 0))) ||
         (ip[0] == 198 && (ip[1] == 18 || ip[1] == 19)) ||  // Benchmarks.
         ip[0] >= 224;                                      // Many at once, reserved.
}

// The address of IPv4 that it holds, if it's one of those that do: mapped, compatible,
// translated (64:ff9b::/96), 6to4 (2002::/16).
std::optional<Ip4> HeldBy(const IpAddress& ip) {
  const auto zeros = [&](int from, int to) {
    return std::all_of(ip.begin() + from, ip.begin() + to, [](unsigned char b) { return b == 0; });
  };
  const bool is_translated = ip[0] == 0 && ip[1] == 0x64 && ip[2] == 0xff && ip[3] == 0x9b;
  if (zeros(0, 10) || (is_translated && zeros(4, 12))) return Ip4{ip[12], ip[13], ip[14], ip[15]};
  if (ip[0] == 0x20 && ip[1] == 0x02) return Ip4{ip[2], ip[3], ip[4], ip[5]};
  return std::nullopt;
}

}  // namespace

IpAddress IpOf(const Ip4& ip4) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ip4[0], ip4[1], ip4[2], ip4[3]};
}

std::optional<IpAddress> ParseIp(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Ip4 ip4;
  if (inet_pton(AF_INET, host.c_str(), ip4.data()) == 1) return IpOf(ip4);
  IpAddress ip;
  if (inet_pton(AF_INET6, host.c_str(), ip.data()) == 1) return ip;
  return std::nullopt;
}

std::optional<IpAddress> IpOf(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    Ip4 ip4;
    std::memcpy(ip4.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, ip4.size());
    return IpOf(ip4);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  IpAddress ip;
  std::memcpy(ip.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, ip.size());
  return ip;
}

std::string TextOf(const IpAddress& ip) {
  char text[INET6_ADDRSTRLEN] = "";
  if (IpOf(Ip4{ip[12], ip[13], ip[14], ip[15]}) == ip) {
    inet_ntop(AF_INET, ip.data() + 12, text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, ip.data(), text, sizeof(text));
  }
  return text;
}

bool IsLocal(const IpAddress& ip) {
  if (const std::optional<Ip4> held = HeldBy(ip)) return IsLocal4(*held);
  return (ip[0] == 0 && ip[1] == 0x64 && ip[2] == 0xff && ip[3] == 0x9b) ||  // Translated locally.
         (ip[0] & 0xfe) == 0xfc ||                                           // Unique local.
         (ip[0] == 0xfe && (ip[1] & 0x80) == 0x80) ||                        // Link, site.
         ip[0] == 0xff;                                                      // Many at once.
}

bool IsMetadata(const IpAddress& ip) {
  if (const std::optional<Ip4> held = HeldBy(ip)) {
    static constexpr Ip4 kKnown[] = {
        {169, 254, 169, 254},  // Amazon, Google, Azure and most others.
        {169, 254, 170, 2},    // Amazon's containers.
        {100, 100, 100, 200},  // Alibaba.
        {168, 63, 129, 16},    // Azure's machines.
    };
    return std::find(std::begin(kKnown), std::end(kKnown), *held) != std::end(kKnown);
  }
  static constexpr IpAddress kAmazon = {0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54};
  return ip == kAmazon;
}

bool IsLoopback(const IpAddress& ip) {
  IpAddress one{};
  one[15] = 1;
  const std::optional<Ip4> held = HeldBy(ip);
  return ip == one || (held && (*held)[0] == 127);
}

}  // namespace colophon
