#include "service/record/tokens.h"

#include "unicode/normalizer2.h"
#include "unicode/uchar.h"
#include "unicode/unistr.h"
#include "unicode/uscript.h"
#include "unicode/utf8.h"

namespace colophon {
namespace {

// Longer heaps of marks on one letter are cut: they are no language.
constexpr int kMaxUnitCharacters = 32;

uint64_t HashOn(uint64_t hash, UChar32 character) {
  return (hash ^ static_cast<uint64_t>(character)) * 0x100000001b3;  // FNV-1a, by characters.
}
constexpr uint64_t kHashBegin = 0xcbf29ce484222325;

bool StandsAlone(UChar32 character) {
  if (character < 0x0E00) return false;
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(character, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_HANGUL:
    case USCRIPT_YI:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
      return true;
    default:
      return false;
  }
}

bool IsOfWord(UChar32 character) {
  if (character < 0x80) {
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
  }
  return u_isalnum(character) || (U_GET_GC_MASK(character) & U_GC_M_MASK) != 0;
}

// Takes a text apart.
//
// Thread-compatible.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text)
      : text_(reinterpret_cast<const uint8_t*>(text.data())),
        size_(static_cast<int32_t>(text.size())) {
    UErrorCode error = U_ZERO_ERROR;
    // ICU brings this table along: there is nothing to fail but for want of memory.
    folding_ = icu::Normalizer2::getNFKCCasefoldInstance(error);
  }

  std::vector<Token> Run() {
    while (at_ < size_) {
      const int32_t begin = at_;
      const uint8_t byte = text_[at_];
      if (byte < 0x80 && (at_ + 1 == size_ || text_[at_ + 1] < 0x80)) {
        ++at_;
        Add(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte, begin);
      } else {
        AddUnit();
      }
    }
    EndWord();
    return std::move(tokens_);
  }

 private:
  UChar32 Next() {
    UChar32 character = 0;
    U8_NEXT(text_, at_, size_, character);
    return character < 0 ? ' ' : character;
  }

  // A character and those behind it that may become one with it.
  void AddUnit() {
    const int32_t begin = at_;
    icu::UnicodeString unit(Next());
    for (int count = 1; count < kMaxUnitCharacters && at_ < size_; ++count) {
      const int32_t before = at_;
      const UChar32 next = Next();
      if (folding_->hasBoundaryBefore(next)) {
        at_ = before;
        break;
      }
      unit.append(next);
    }
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString folded = folding_->normalize(unit, error);
    for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
      Add(folded.char32At(i), begin);
    }
  }

  // A folded character of what stands in [begin, at_).
  void Add(UChar32 character, int32_t begin) {
    const bool alone = StandsAlone(character);
    if (alone || !IsOfWord(character)) EndWord();
    if (alone) {
      tokens_.push_back({.hash = HashOn(kHashBegin, character),
                         .is_word = false,
                         .begin = static_cast<uint32_t>(begin),
                         .end = static_cast<uint32_t>(at_)});
    } else if (IsOfWord(character)) {
      if (!in_word_)
        word_ = {.hash = kHashBegin, .is_word = true, .begin = static_cast<uint32_t>(begin)};
      in_word_ = true;
      word_.hash = HashOn(word_.hash, character);
      word_.end = static_cast<uint32_t>(at_);
    }
  }
  void EndWord() {
    if (in_word_) tokens_.push_back(word_);
    in_word_ = false;
  }

  const uint8_t* const text_;
  const int32_t size_;
  const icu::Normalizer2* folding_ = nullptr;
  int32_t at_ = 0;
  std::vector<Token> tokens_;
  Token word_;
  bool in_word_ = false;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view text) { return Tokenizer(text).Run(); }

int UnicodeVersion() {
  UVersionInfo version;
  u_getUnicodeVersion(version);
  return version[0] * 256 + version[1];
}

}  // namespace colophon
