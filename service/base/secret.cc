#include "service/base/secret.h"

#include <array>
#include <cstdlib>

#include "openssl/crypto.h"
#include "openssl/rand.h"

namespace colophon {

std::string RandomText(size_t length) {
  constexpr std::string_view kLetters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  // Bytes above the last multiple of 62 would make the first letters likelier.
  constexpr unsigned kFair = 256 / kLetters.size() * kLetters.size();
  std::string text;
  std::array<unsigned char, 64> bytes;
  while (text.size() < length) {
    // A system without randomness makes no secrets.
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) std::abort();
    for (const unsigned char byte : bytes) {
      if (byte < kFair && text.size() < length) text += kLetters[byte % kLetters.size()];
    }
  }
  return text;
}

bool AreEqualSecrets(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace colophon
