#include "service/record/terms.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "service/base/hash.h"
#include "service/record/fingerprints.h"
#include "service/record/normal_form.h"
#include "service/record/recorder.h"

namespace colophon {
namespace {

constexpr uint32_t kTermsVersion = 1;

// Of one repository: the same words in another one have other terms, so that neither is in
// the other's way.
//
// Thread-safe.
class TermsOfRepository {
 public:
  explicit TermsOfRepository(std::string_view repository) {
    const Sha256Digest digest = Sha256(repository);
    std::memcpy(&salt_, digest.data(), sizeof(salt_));
  }

  Term Make(uint64_t hash) const {
    // The greatest bits count most in a store: all of the hash is in them.
    uint64_t term = (hash ^ salt_) * 0x9e3779b97f4a7c15;
    term = (term ^ (term >> 32)) * 0xd6e8feb86659fd93;
    return (term ^ (term >> 32)) * 0xd6e8feb86659fd93;
  }
  Term OfDigest(std::string_view digest) const {
    uint64_t hash = 0;
    const std::string bytes = HexDecode(digest).value_or("");
    std::memcpy(&hash, bytes.data(), std::min(bytes.size(), sizeof(hash)));
    return Make(hash);
  }

 private:
  uint64_t salt_ = 0;
};

std::vector<Term> TermsOf(std::string_view repository, const v1::Outcome& outcome) {
  const std::string text = OutputText(outcome.completion());
  const TermsOfRepository make(repository);
  std::vector<Term> terms;
  for (const uint64_t hash : Fingerprints(Tokenize(text))) terms.push_back(make.Make(hash));
  const std::string digest = NormalFormDigest(text);
  if (!digest.empty()) terms.push_back(make.OfDigest(digest));
  return terms;
}

}  // namespace

RecordTerms MakeRecordTerms() {
  return {.version = kTermsVersion << 16 | static_cast<uint32_t>(UnicodeVersion()), .of = &TermsOf};
}

std::vector<Term> ExcerptTerms(std::string_view repository, const std::vector<Token>& tokens) {
  const TermsOfRepository make(repository);
  std::vector<Term> terms;
  for (const uint64_t hash : Fingerprints(tokens)) terms.push_back(make.Make(hash));
  return terms;
}

Term NormalFormTerm(std::string_view repository, std::string_view normal_form_digest) {
  return TermsOfRepository(repository).OfDigest(normal_form_digest);
}

}  // namespace colophon
