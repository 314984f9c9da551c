#pragma once

// The text of a key, which only its holder has.
//
//   secret = "clp_" id "_" random
//   id     = 10 letters and digits: names the key, and is no secret
//   random = 32 letters and digits: 190 bits
//
// It begins as no other service's keys do, so that scanners of repositories and logs find
// one that leaked, and it is one word for whoever selects it.

#include <optional>
#include <string>
#include <string_view>

namespace colophon {

std::string MakeSecretText();
// True for what begins as ours do, whole or not.
bool LooksLikeSecret(std::string_view text);
// The id within a secret; nullopt when it isn't one.
std::optional<std::string_view> KeyIdOfSecret(std::string_view secret);

// What a caller shows: the values of the headers, or metadata, of these names. Empty: not
// there.
struct Credentials {
  std::string authorization;  // "Bearer …" or "Basic …".
  std::string api_key;        // Of x-api-key.
  // Of the client's certificate, which its authority vouches for (NameOf in tls.h).
  std::string certificate_name;
};

// The key that they show; empty for none. Of basic authentication it is the password, or
// the name when only that is a key, as git's clients have it.
std::string SecretOf(const Credentials& credentials);

}  // namespace colophon
