// A text: its tokens stand in it in their order, and every part of it that has a
// fingerprint has none that the text lacks.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "service/record/fingerprints.h"
#include "service/record/tokens.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace colophon;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<Token> tokens = Tokenize(text);
  uint32_t before = 0;
  for (const Token& token : tokens) {
    Require(token.begin >= before && token.begin < token.end && token.end <= text.size());
    before = token.begin;
  }
  const std::vector<uint64_t> all = Fingerprints(tokens);
  const size_t begin = tokens.size() / 3;
  const std::vector<Token> part(tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                                tokens.end() - static_cast<std::ptrdiff_t>(tokens.size() / 5));
  const std::vector<uint64_t> some = Fingerprints(part);
  Require(std::includes(all.begin(), all.end(), some.begin(), some.end()));
  Require(part.size() < 24 || !some.empty());
  Require(part.empty() || FindTokens(tokens, part).begin <= begin);
  return 0;
}
