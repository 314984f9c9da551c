#include "service/record/fingerprints.h"

#include <algorithm>
#include <deque>
#include <functional>

namespace colophon {
namespace {

constexpr size_t kWordsOfGram = 4;
constexpr size_t kGramsOfWordWindow = 5;
constexpr size_t kTokensOfGram = 8;
constexpr size_t kGramsOfWindow = 17;

uint64_t Mix(uint64_t hash) {
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

uint64_t HashOfGram(const std::vector<Token>& tokens, size_t begin, size_t size) {
  uint64_t hash = size;  // Grams of the two kinds differ.
  for (size_t i = begin; i < begin + size; ++i) {
    hash = Mix(hash + 0x9e3779b97f4a7c15) ^ tokens[i].hash;
  }
  return Mix(hash);
}

// The least hash of every window of so many that follow each other.
//
// Thread-compatible.
class Windows {
 public:
  Windows(size_t size, std::vector<uint64_t>* chosen) : size_(size), chosen_(*chosen) {}

  void Add(uint64_t hash) {
    while (!least_.empty() && least_.back().hash >= hash) least_.pop_back();
    least_.push_back({hash, count_++});
    if (least_.front().at + size_ < count_) least_.pop_front();
    if (count_ >= size_) chosen_.push_back(least_.front().hash);
  }
  // What comes next doesn't follow what was.
  void Break() {
    least_.clear();
    count_ = 0;
  }

 private:
  struct Gram {
    uint64_t hash = 0;
    size_t at = 0;
  };

  const size_t size_;
  std::vector<uint64_t>& chosen_;
  std::deque<Gram> least_;  // Of the window: each is less than all that follow.
  size_t count_ = 0;
};

}  // namespace

std::vector<uint64_t> Fingerprints(const std::vector<Token>& tokens) {
  std::vector<uint64_t> chosen;
  Windows words(kGramsOfWordWindow, &chosen);
  Windows mixed(kGramsOfWindow, &chosen);
  size_t words_before = 0;                   // In a row, up to and with the token.
  size_t last_character = TokenRange::npos;  // The last token that is no word.
  for (size_t i = 0; i < tokens.size(); ++i) {
    words_before = tokens[i].is_word ? words_before + 1 : 0;
    if (!tokens[i].is_word) last_character = i;
    if (words_before >= kWordsOfGram) {
      words.Add(HashOfGram(tokens, i + 1 - kWordsOfGram, kWordsOfGram));
    } else {
      words.Break();
    }
    if (i + 1 < kTokensOfGram) continue;
    const size_t begin = i + 1 - kTokensOfGram;
    if (last_character != TokenRange::npos && last_character >= begin) {
      mixed.Add(HashOfGram(tokens, begin, kTokensOfGram));
    } else {
      mixed.Break();
    }
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

TokenRange FindTokens(const std::vector<Token>& text, const std::vector<Token>& part) {
  if (part.empty()) return {};
  const auto same = [](const Token& a, const Token& b) { return a.hash == b.hash; };
  const auto hash = [](const Token& token) { return std::hash<uint64_t>()(token.hash); };
  const auto found =
      std::search(text.begin(), text.end(),
                  std::boyer_moore_horspool_searcher(part.begin(), part.end(), hash, same));
  if (found == text.end()) return {};
  const auto begin = static_cast<size_t>(found - text.begin());
  return {.begin = begin, .end = begin + part.size()};
}

}  // namespace colophon
