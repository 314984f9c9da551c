#include "service/provider/http_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

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
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
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
