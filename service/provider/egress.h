#pragma once

#include <string>
#include <vector>

#include "service/base/status.h"
#include "service/provider/http_url.h"
#include "service/provider/ip_address.h"

namespace colophon {

// Where the requests of a provider may go: to the internet; to the very address that its
// base_url is written with, unless it is one of a cloud's metadata; with "localhost" to this
// machine; and into the networks that are named. A name that leads anywhere else is
// refused when it is connected to, by the address that it means at that moment.
//
// A value. By default: to the internet.
class Egress {
 public:
  Egress() = default;
  // `networks`: "10.0.0.0/8", "fd12::/16", "192.168.1.7". The error's message begins with the
  // name of the field, base_url or allow_networks. INVALID_ARGUMENT BAD_CONFIG.
  static absl::StatusOr<Egress> Make(const HttpUrl& url, const std::vector<std::string>& networks);

  bool Allows(const IpAddress& ip) const;
  // Of a connection to an address that isn't allowed: UNAVAILABLE PROVIDER_UNREACHABLE.
  static absl::Status Refuse(const std::string& address);
  // The same for the same rules; empty for the default.
  const std::string& key() const { return key_; }

 private:
  struct Network {
    IpAddress address{};
    int bits = 0;  // Of the address that count, as if it were IPv6.
  };

  std::vector<Network> networks_;
  bool allows_loopback_ = false;
  std::string key_;
};

}  // namespace colophon
