#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// Finds secrets in text, as they are and in the forms that servers give them
// without meaning to hide them: in another case, percent-encoded, in JSON's
// escapes, in hex, and in base64 within any longer text ("Bearer KEY"), with
// either alphabet.
//
// An automaton (Aho and Corasick) that takes the text byte by byte, so a text may
// come in pieces, and takes about as long for one secret as for twenty.
//
// Thread-safe.
class SecretPatterns {
 public:
  // A shorter one can't be told from text: it isn't looked for.
  static constexpr size_t kMinBytes = 16;

  using State = uint32_t;
  static constexpr State kStart = 0;

  // Secrets of valid UTF-8, so that what is found begins and ends with a
  // character.
  explicit SecretPatterns(const std::vector<std::string>& secrets);

  bool empty() const { return nodes_.size() == 1; }

  State Next(State state, char c) const;
  // Bytes at the text's end that may be the beginning of a secret.
  size_t BegunAt(State state) const { return nodes_[state].depth; }
  // Bytes of the secret that the text ends with, the longest; 0: none.
  size_t FoundAt(State state) const { return nodes_[state].found; }

 private:
  struct Node {
    uint8_t byte = 0;   // That leads here.
    State child = 0;    // The first of its continuations, and
    State sibling = 0;  // the next of its parent's; 0: none.
    State shorter = 0;  // The node of the longest proper end of this one.
    uint32_t depth = 0;
    uint32_t found = 0;
  };

  void Add(std::string_view pattern);
  State ChildOf(State state, uint8_t byte) const;
  void Link();

  std::vector<Node> nodes_;            // 0 is the start.
  std::array<State, 256> first_ = {};  // The start's continuations.
};

// Takes secrets out of a text that comes in pieces; "[key]" stands for each. It
// holds back only what may be the beginning of one.
class SecretFilter {
 public:
  static constexpr std::string_view kRemoved = "[key]";

  // `patterns` outlives it.
  explicit SecretFilter(const SecretPatterns* patterns) : patterns_(patterns) {}

  // What is certain of the text so far.
  std::string Feed(std::string_view text);
  // The rest; the next text begins anew. When it ends in the middle of a secret,
  // after kMinBytes or more of it, they are taken out, too.
  std::string Finish();

  int64_t removed_count() const { return removed_count_; }

 private:
  void Settle(std::string* out);

  const SecretPatterns* const patterns_;
  std::string held_;      // Its end was looked at, and is not yet given.
  size_t looked_at_ = 0;  // Bytes of held_.
  SecretPatterns::State state_ = SecretPatterns::kStart;
  size_t begin_ = 0;  // Of the secret found in held_; a longer one may begin
  size_t end_ = 0;    // there, too. 0: none.
  int64_t removed_count_ = 0;
};

// The text without secrets; adds to `removed_count`.
std::string RemoveSecrets(const SecretPatterns& patterns, std::string_view text,
                          int64_t* removed_count);

}  // namespace colophon
