#include "service/provider/http_url.h"

#include <curl/curl.h>

#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/provider/ip_address.h"

namespace colophon {
namespace {

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

}  // namespace

bool HttpUrl::IsLoopback() const {
  // Disguised as an address of IPv6 it isn't meant as loopback.
  const bool is_ip6 = host.find(':') != host.npos;
  const std::optional<IpAddress> ip = is_ip6 ? std::nullopt : ParseIp(host);
  return host == "localhost" || host == "[::1]" || (ip && colophon::IsLoopback(*ip));
}

absl::StatusOr<HttpUrl> ParseHttpUrl(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  const CURLUcode code =
      curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) {
    return InvalidArgument("BAD_URL", fmt::format("is not a URL: {}", curl_url_strerror(code)));
  }
  HttpUrl out{.scheme = PartOf(parsed.get(), CURLUPART_SCHEME),
              .host = absl::AsciiStrToLower(PartOf(parsed.get(), CURLUPART_HOST)),
              .path = PartOf(parsed.get(), CURLUPART_PATH)};
  out.has_userinfo = !PartOf(parsed.get(), CURLUPART_USER).empty() ||
                     !PartOf(parsed.get(), CURLUPART_PASSWORD).empty();
  out.has_query = url.find_first_of("?#") != url.npos;
  if (out.scheme != "http" && out.scheme != "https") {
    return InvalidArgument("BAD_URL", fmt::format("has the scheme \"{}\"; use https", out.scheme));
  }
  return out;
}

}  // namespace colophon
