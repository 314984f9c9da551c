#include "service/access/secret_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "service/base/secret.h"

namespace colophon {
namespace {

constexpr std::string_view kPrefix = "clp_";
constexpr size_t kIdLength = 10;
constexpr size_t kRandomLength = 32;
constexpr size_t kSecretLength = kPrefix.size() + kIdLength + 1 + kRandomLength;

// What follows the scheme of an authorization, whose name is in any case.
std::optional<std::string_view> AfterScheme(std::string_view authorization,
                                            std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ' ||
      !absl::EqualsIgnoreCase({authorization.data(), scheme.size()},
                              {scheme.data(), scheme.size()})) {
    return std::nullopt;
  }
  authorization.remove_prefix(scheme.size());
  const size_t begin = authorization.find_first_not_of(' ');
  return authorization.substr(std::min(begin, authorization.size()));
}

}  // namespace

std::string MakeSecretText() {
  return std::string(kPrefix) + RandomText(kIdLength) + "_" + RandomText(kRandomLength);
}

bool LooksLikeSecret(std::string_view text) { return text.starts_with(kPrefix); }

std::optional<std::string_view> KeyIdOfSecret(std::string_view secret) {
  if (secret.size() != kSecretLength || !LooksLikeSecret(secret)) return std::nullopt;
  const std::string_view id = secret.substr(kPrefix.size(), kIdLength);
  const std::string_view random = secret.substr(kPrefix.size() + kIdLength + 1);
  const auto is_word = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), absl::ascii_isalnum);
  };
  if (secret[kPrefix.size() + kIdLength] != '_' || !is_word(id) || !is_word(random)) {
    return std::nullopt;
  }
  return id;
}

std::string SecretOf(const Credentials& credentials) {
  if (const auto bearer = AfterScheme(credentials.authorization, "Bearer")) {
    return std::string(*bearer);
  }
  if (const auto basic = AfterScheme(credentials.authorization, "Basic")) {
    std::string decoded;
    if (!absl::Base64Unescape({basic->data(), basic->size()}, &decoded)) return std::string(*basic);
    const size_t colon = std::min(decoded.find(':'), decoded.size());
    const std::string name = decoded.substr(0, colon);
    std::string password = decoded.substr(std::min(colon + 1, decoded.size()));
    return LooksLikeSecret(name) && !LooksLikeSecret(password) ? name : password;
  }
  return credentials.api_key;
}

}  // namespace colophon
