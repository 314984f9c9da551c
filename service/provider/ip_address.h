#pragma once

#include <array>
#include <optional>
#include <string>

struct sockaddr;

namespace colophon {

// An address of IPv6, or one of IPv4 in its mapped form, ::ffff:a.b.c.d.
using IpAddress = std::array<unsigned char, 16>;

IpAddress IpOf(const std::array<unsigned char, 4>& ip4);
// As a URL's host has it, an IPv6 one with or without its brackets; nullopt for a name.
std::optional<IpAddress> ParseIp(std::string host);
// nullopt for what is neither IPv4 nor IPv6.
std::optional<IpAddress> IpOf(const sockaddr* address);
// "10.0.0.1", "fd00::1"
std::string TextOf(const IpAddress& ip);

// By IANA's registries of special addresses: nothing that is reached over the internet.
// Private, shared by a carrier, of this machine, of a link, for many at once, reserved; and
// the forms of IPv6 that hold such an address of IPv4.
bool IsLocal(const IpAddress& ip);

// Where a cloud tells a machine its secrets.
bool IsMetadata(const IpAddress& ip);

bool IsLoopback(const IpAddress& ip);

}  // namespace colophon
