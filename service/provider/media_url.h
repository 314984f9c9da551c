#pragma once

// URLs of images and other files, wherever they come from: a template, a variable,
// the history, an app's own completion.

#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

// The parts of "data:image/png;base64,iVBOR…": views into the URL.
struct DataUrlParts {
  std::string_view type;    // With its parameters; may be empty.
  std::string_view base64;  // Never empty.
};

// True for "data:" in any case.
bool IsDataUrl(std::string_view url);

// INVALID_ARGUMENT UNSUPPORTED, beginning with `where`, unless it is one of
//
//   data:[type/subtype[;name=value…]];base64,…   whole Base64 with its padding
//   https://host[:port]/…                        by RFC 3986, at most 8 KiB
//
// in any case of the scheme. Of the second: no user name or password; no address of
// a private or local network, nor "localhost". Who fetches it may stand in such a
// network, and see there what the caller may not. A name that leads to one is seen
// by the fetcher alone; we resolve none.
absl::Status CheckMediaUrl(std::string_view url, std::string_view where);

// REQUIRES: IsDataUrl, CheckMediaUrl.
DataUrlParts SplitDataUrl(std::string_view url);

// "image/png", or that with parameters.
bool IsMediaType(std::string_view type);

}  // namespace colophon
