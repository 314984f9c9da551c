#pragma once

#include <string>

#include "service/base/status.h"

namespace colophon {

// An http: or https: URL as libcurl reads it, taken apart.
struct HttpUrl {
  std::string scheme;
  std::string host;  // In lower case; an IPv6 address in brackets.
  std::string path;
  bool has_userinfo = false;
  bool has_query = false;  // Or a fragment.

  // By the literal text: names other than localhost aren't looked up.
  bool IsLoopback() const;
};

// The error's message says what is wrong with `url`, not where it stands.
absl::StatusOr<HttpUrl> ParseHttpUrl(const std::string& url);

}  // namespace colophon
