#pragma once

#include <string>
#include <string_view>

namespace colophon {

// Percent-encoding, as URLs have it (RFC 3986, 2.1): "support%2Ftriage".

// False when a "%" isn't followed by two hex digits.
bool IsPercentEncoded(std::string_view text);
// A "%" that isn't followed by two hex digits stays.
std::string PercentDecoded(std::string_view text);

}  // namespace colophon
