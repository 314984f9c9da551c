#include "service/provider/secret_patterns.h"

#include <chrono>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/base/json.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kKey[] = "cophn_Az91kQ+/Zm8vYmFyLXF1eA==";

std::string Removed(const SecretPatterns& patterns, std::string_view text) {
  int64_t count = 0;
  return RemoveSecrets(patterns, text, &count);
}

std::string Percent(std::string_view text, bool all) {
  std::string out;
  for (const char c : text) {
    out += !all && absl::ascii_isalnum(c) ? std::string(1, c) : fmt::format("%{:02X}", c);
  }
  return out;
}

TEST(SecretPatternsTest, FindsASecretInEveryForm) {
  const SecretPatterns patterns({kKey});
  const std::string forms[] = {kKey,
                               absl::AsciiStrToLower(kKey),
                               absl::AsciiStrToUpper(kKey),
                               Percent(kKey, false),
                               Percent(kKey, true),
                               absl::AsciiStrToLower(Percent(kKey, true)),
                               absl::BytesToHexString(kKey),
                               absl::AsciiStrToUpper(absl::BytesToHexString(kKey)),
                               "cophn_Az91kQ+\\/Zm8vYmFyLXF1eA=="};
  for (const std::string& form : forms) {
    int64_t count = 0;
    EXPECT_EQ(RemoveSecrets(patterns, "a " + form + " b", &count), "a [key] b") << form;
    EXPECT_EQ(count, 1);
  }
}

// Of the letters at its ends some bits belong to its neighbours.
TEST(SecretPatternsTest, FindsASecretInBase64WithAnythingAroundIt) {
  const SecretPatterns patterns({kKey});
  for (const std::string before : {"", "x", "xy", "Bearer ", "authorization: Bearer "}) {
    for (const std::string after : {"", "?", "\r\n"}) {
      const std::string text = before + kKey + after;
      for (const std::string& form : {absl::Base64Escape(text), absl::WebSafeBase64Escape(text)}) {
        const std::string shown = Removed(patterns, form);
        EXPECT_THAT(shown, HasSubstr("[key]")) << form;
        // What is left holds no three bytes of it.
        const std::string left = shown.substr(shown.find("[key]") + 5);
        EXPECT_LE(left.size(), 8u) << form << " " << shown;
      }
    }
  }
}

TEST(SecretPatternsTest, WhatOnlyLooksLikeAKeyStays) {
  const SecretPatterns patterns({"sk-proj-0123456789abcdef"});
  for (const std::string text :
       {"sk-proj-0123456789abcdeg", "sk-proj-0123456789abcde", "sk-ant-api03-AAAA", "", "s",
        "\xe2\x82\xac sk-proj-\xe2\x82\xac"}) {
    EXPECT_EQ(Removed(patterns, text), text.size() > 20 && text.ends_with("bcde") ? "[key]" : text);
  }
}

TEST(SecretPatternsTest, TheLongestOfThoseThatBeginTogetherIsTaken) {
  const std::string key = "0123456789abcdef";
  const SecretPatterns patterns({key, key + ":and-a-tail", "head-and:" + key});
  EXPECT_EQ(Removed(patterns, "a " + key + " b"), "a [key] b");
  EXPECT_EQ(Removed(patterns, "a " + key + ":and-a-tail b"), "a [key] b");
  EXPECT_EQ(Removed(patterns, "a " + key + ":and-a b"), "a [key]:and-a b");
  EXPECT_EQ(Removed(patterns, "a head-and:" + key + " b"), "a [key] b");
  EXPECT_EQ(Removed(patterns, key + key + key), "[key][key][key]");
  EXPECT_EQ(Removed(patterns, "head-and:" + key + ":and-a-tail"), "[key]:and-a-tail");
}

TEST(SecretPatternsTest, TooShortOnesAreNotLookedFor) {
  EXPECT_TRUE(SecretPatterns({"", "k", "fifteen-letters"}).empty());
  EXPECT_FALSE(SecretPatterns({"sixteen--letters"}).empty());
}

// Kind: a secret that comes in pieces. However a text is split, what comes out is
// the same, byte for byte; and nothing is held that can't begin a secret.
TEST(SecretFilterTest, TheSplitChangesNothing) {
  const SecretPatterns patterns({kKey, "another-secret-of-28-letters"});
  std::mt19937 random(11);
  const std::string parts[] = {kKey,
                               absl::AsciiStrToUpper(kKey),
                               absl::Base64Escape(std::string("Bearer ") + kKey),
                               "another-secret-of-28-letters",
                               "cophn_Az91",
                               "another-",
                               "c",
                               " plain text, ",
                               "\xf0\x9f\x98\x80\xe2\x82\xac",
                               Percent(kKey, true)};
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    const int count = 1 + static_cast<int>(random() % 6);
    for (int part = 0; part < count; ++part) text += parts[random() % std::size(parts)];
    int64_t whole_count = 0;
    const std::string whole = RemoveSecrets(patterns, text, &whole_count);
    SecretFilter filter(&patterns);
    std::string pieces;
    for (size_t at = 0; at < text.size();) {
      // Between characters, as pieces of JSON texts are.
      size_t end = at + 1 + random() % 7;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
      end = std::min(end, text.size());
      const std::string piece = filter.Feed(std::string_view(text).substr(at, end - at));
      EXPECT_TRUE(IsUtf8(piece));
      pieces += piece;
      at = end;
    }
    pieces += filter.Finish();
    ASSERT_EQ(pieces, whole) << text;
    ASSERT_EQ(filter.removed_count(), whole_count) << text;
    EXPECT_THAT(whole, Not(HasSubstr(kKey)));
  }
}

TEST(SecretFilterTest, HoldsOnlyWhatMayBeginASecret) {
  const SecretPatterns patterns({kKey});
  SecretFilter filter(&patterns);
  EXPECT_EQ(filter.Feed("The model says "), "The model says ");
  EXPECT_EQ(filter.Feed("cop"), "");
  EXPECT_EQ(filter.Feed("ied."), "copied.");
  EXPECT_EQ(filter.Feed("It is cophn_"), "It is ");
  EXPECT_EQ(filter.Feed("Az91kQ+/Zm8vYmFyLXF1eA="), "");
  EXPECT_EQ(filter.Feed("="), "");
  EXPECT_EQ(filter.Feed("."), "[key].");
  EXPECT_EQ(filter.Feed("It ends in c"), "It ends in ");
  EXPECT_EQ(filter.Finish(), "c");
  EXPECT_EQ(filter.removed_count(), 1);
}

// Kind: a text that breaks off in the middle of a secret.
TEST(SecretFilterTest, TheGreaterPartOfASecretAtTheEndIsTakenOut) {
  const SecretPatterns patterns({kKey});
  const std::string key = kKey;
  EXPECT_EQ(Removed(patterns, "is " + key.substr(0, 16)), "is [key]");
  EXPECT_EQ(Removed(patterns, "is " + key.substr(0, 15)), "is " + key.substr(0, 15));
}

// An automaton looks at each byte about once, whatever the text: sixteen mebibytes
// of beginnings of a key take as many steps as any other text.
TEST(SecretFilterTest, TakesSixteenMebibytesInOnePass) {
  const SecretPatterns patterns({kKey, "sk-proj-" + std::string(150, 'a') + "b"});
  std::string text;
  while (text.size() < (16 << 20)) text += "cophn_Az91kQ+/Zm8 sk-proj-" + std::string(149, 'a');
  for (const size_t piece : {text.size(), size_t{40}}) {
    const auto start = std::chrono::steady_clock::now();
    SecretFilter filter(&patterns);
    size_t bytes = 0;
    for (size_t at = 0; at < text.size(); at += piece) {
      bytes += filter.Feed(std::string_view(text).substr(at, piece)).size();
    }
    bytes += filter.Finish().size();
    EXPECT_EQ(filter.removed_count(), bytes == text.size() ? 0 : 1);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    RecordProperty(fmt::format("nanoseconds_a_byte_in_pieces_of_{}", piece),
                   fmt::format("{:.1f}", took.count() * 1e9 / static_cast<double>(text.size())));
  }
}

}  // namespace
}  // namespace colophon
