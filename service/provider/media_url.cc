#include "service/provider/media_url.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "boost/url/parse.hpp"
#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/provider/ip_address.h"
#include "service/provider/request_json.h"

namespace colophon {
namespace {

namespace urls = boost::urls;

constexpr size_t kMaxUrlBytes = 8 << 10;
constexpr std::string_view kData = "data:";
constexpr std::string_view kBase64 = ";base64";

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return absl::StartsWithIgnoreCase({text.data(), text.size()}, {prefix.data(), prefix.size()});
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// RFC 9110's token.
bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || kMarks.find(c) != kMarks.npos;
  });
}

bool IsBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return false;
  if (text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/';
  });
}

absl::Status Bad(std::string_view url, std::string_view where, std::string_view rule) {
  return Unsupported(where, fmt::format("media URL {} {}", Quoted(url), rule));
}

absl::Status CheckDataUrl(std::string_view url, std::string_view where) {
  const size_t comma = url.find(',');
  const std::string_view head = url.substr(0, comma);
  const bool is_base64 = comma != url.npos && head.size() >= kData.size() + kBase64.size() &&
                         StartsWithIgnoringCase(head.substr(head.size() - kBase64.size()), kBase64);
  if (!is_base64) {
    return Unsupported(where, "a data: URL is taken in Base64 only: \"data:image/png;base64,…\"");
  }
  const DataUrlParts parts = SplitDataUrl(url);
  if (!parts.type.empty() && !IsMediaType(parts.type)) {
    return Unsupported(where, fmt::format("a data: URL's {} is no media type like \"image/png\"",
                                          Quoted(parts.type)));
  }
  if (IsBase64(parts.base64)) return absl::OkStatus();
  return Unsupported(
      where, fmt::format("a data: URL's {} is not Base64 with its padding: A-Z, a-z, 0-9, \"+\", "
                         "\"/\", four by four",
                         Quoted(parts.base64.substr(0, 40))));
}

// "127.1", "0x7f.0.0.1" and "2130706433" are addresses to many a resolver.
bool EndsInNumber(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const bool is_hex = StartsWithIgnoringCase(last, "0x");
  return !last.empty() && (is_hex || std::all_of(last.begin(), last.end(), [](unsigned char c) {
                             return absl::ascii_isdigit(c);
                           }));
}

bool IsLocalName(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::string_view last = name.substr(name.rfind('.') + 1);
  for (const std::string_view local : {"localhost", "local", "internal"}) {
    if (last.size() == local.size() && StartsWithIgnoringCase(last, local)) return true;
  }
  return false;
}

// Boost has string views of its own.
template <class Text>
std::string_view View(const Text& text) {
  return {text.data(), text.size()};
}

// Boost 1.81 takes ":port" for an empty port and the path "port".
bool HasPlainPort(const urls::url_view& url) {
  const std::string_view path = View(url.encoded_path());
  if (!path.empty() && !path.starts_with('/')) return false;
  const std::string_view port = View(url.port());
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return port.empty() || (error == std::errc() && end == port.data() + port.size());
}

absl::Status CheckHttpsUrl(std::string_view text, std::string_view where) {
  if (text.size() > kMaxUrlBytes) {
    return Bad(text, where,
               fmt::format("is longer than {} bytes: give the bytes instead", kMaxUrlBytes));
  }
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (!parsed) {
    return Bad(text, where,
               "is no URL by RFC 3986: what isn't a letter, a digit or one of -._~ in a name or a "
               "value is written %XX, a space %20");
  }
  const urls::url_view& url = *parsed;
  if (!HasPlainPort(url)) return Bad(text, where, "has a port that is no number up to 65535");
  if (url.has_userinfo()) {
    return Bad(text, where, "holds a user name or password: leave it out, records keep the URL");
  }
  bool is_local = false;
  switch (url.host_type()) {
    case urls::host_type::ipv4:
      is_local = IsLocal(IpOf(url.host_ipv4_address().to_bytes()));
      break;
    case urls::host_type::ipv6:
      is_local = IsLocal(url.host_ipv6_address().to_bytes());
      break;
    case urls::host_type::name: {
      const std::string_view host = View(url.encoded_host());
      const bool is_plain = std::all_of(host.begin(), host.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
      });
      if (host.empty() || !is_plain || EndsInNumber(host) || host.front() == '.') {
        return Bad(text, where, "has no host that is a name or an address");
      }
      is_local = IsLocalName(host);
      break;
    }
    default:
      return Bad(text, where, "has no host that is a name or an address");
  }
  if (!is_local) return absl::OkStatus();
  return Bad(text, where,
             "leads into a private or local network, which the model's server must not be sent "
             "into: give the bytes instead, as data or a data: URL");
}

}  // namespace

bool IsDataUrl(std::string_view url) { return StartsWithIgnoringCase(url, kData); }

absl::Status CheckMediaUrl(std::string_view url, std::string_view where) {
  if (IsDataUrl(url)) return CheckDataUrl(url, where);
  if (StartsWithIgnoringCase(url, "https://")) return CheckHttpsUrl(url, where);
  return Bad(url, where, "is neither https: nor data:");
}

DataUrlParts SplitDataUrl(std::string_view url) {
  const size_t comma = url.find(',');
  const size_t type_end = comma - kBase64.size();
  return {url.substr(kData.size(), type_end - kData.size()), url.substr(comma + 1)};
}

bool IsMediaType(std::string_view type) {
  size_t end = type.find(';');
  const std::string_view bare = Trim(type.substr(0, end));
  const size_t slash = bare.find('/');
  if (slash == bare.npos || !IsToken(bare.substr(0, slash)) || !IsToken(bare.substr(slash + 1))) {
    return false;
  }
  while (end != type.npos) {
    type.remove_prefix(end + 1);
    end = type.find(';');
    const std::string_view parameter = Trim(type.substr(0, end));
    const size_t equals = parameter.find('=');
    if (equals == parameter.npos || !IsToken(parameter.substr(0, equals)) ||
        !IsToken(parameter.substr(equals + 1))) {
      return false;
    }
  }
  return true;
}

}  // namespace colophon
