#include "service/template/lint/secrets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "fmt/format.h"
#include "service/template/lint/position_cursor.h"
#include "service/template/lint/warning_limit.h"
#include "service/template/syntax/js_text.h"

namespace colophon::lint {
namespace {

// secret = prefix, then at least `shortest` and at most `longest` characters of
// [A-Za-z0-9] and of `others`. What stands on either side is none of these.
struct SecretForm {
  std::string_view what;
  std::string_view prefix;
  size_t shortest;
  size_t longest;
  std::string_view others;
};

constexpr size_t kLongest = 512;
constexpr std::string_view kPrivateKeyBegin = "-----BEGIN ";

// A longer prefix before a shorter one that it begins with.
constexpr SecretForm kForms[] = {
    {"an Anthropic API key", "sk-ant-", 32, kLongest, "-_"},
    {"an OpenAI API key", "sk-", 32, kLongest, "-_"},
    {"an AWS access key", "AKIA", 16, 16, ""},
    {"an AWS access key", "ASIA", 16, 16, ""},
    {"a GitHub token", "github_pat_", 60, kLongest, "_"},
    {"a GitHub token", "ghp_", 36, kLongest, ""},
    {"a GitHub token", "gho_", 36, kLongest, ""},
    {"a GitHub token", "ghu_", 36, kLongest, ""},
    {"a GitHub token", "ghs_", 36, kLongest, ""},
    {"a GitHub token", "ghr_", 36, kLongest, ""},
    {"a GitLab token", "glpat-", 20, kLongest, "-_"},
    {"a Slack token", "xoxb-", 24, kLongest, "-"},
    {"a Slack token", "xoxp-", 24, kLongest, "-"},
    {"a Slack token", "xoxa-", 24, kLongest, "-"},
    {"a Slack token", "xoxr-", 24, kLongest, "-"},
    {"a Slack token", "xoxs-", 24, kLongest, "-"},
    {"a Google API key", "AIza", 35, 35, "-_"},
    {"a Stripe key", "sk_live_", 24, kLongest, ""},
    {"a Stripe key", "rk_live_", 24, kLongest, ""},
    {"a Hugging Face token", "hf_", 34, kLongest, ""},
};

// By character: whether a secret may begin with it.
constexpr std::array<bool, 256> FirstCharacters() {
  std::array<bool, 256> may_begin{};
  may_begin[static_cast<unsigned char>(kPrivateKeyBegin[0])] = true;
  for (const SecretForm& form : kForms) {
    may_begin[static_cast<unsigned char>(form.prefix[0])] = true;
  }
  return may_begin;
}

bool IsAlphanumeric(char c) { return syntax::IsWordCharacter(c) && c != '_'; }

// Bits of Shannon entropy a character: about 4 in a random key of 24
// characters, 0 in "xxxxxxxx".
double EntropyOf(std::string_view text) {
  std::array<int, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

// Names and examples ("sk-the-name-of-a-style-sheet-class") are no secrets: a
// key has digits and letters without an order.
bool LooksRandom(std::string_view text) {
  constexpr double kLeastEntropy = 3.0;
  const auto digits =
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto letters = std::count_if(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  const bool is_example = text.find("EXAMPLE") != text.npos || text.find("example") != text.npos;
  return digits >= 2 && letters >= 2 && !is_example && EntropyOf(text) >= kLeastEntropy;
}

// Bytes of the secret that begins at `at`; 0: there is none.
size_t SecretLength(const SecretForm& form, std::string_view text, size_t at) {
  const auto belongs = [&](char c) {
    return IsAlphanumeric(c) || form.others.find(c) != form.others.npos;
  };
  if (text.substr(at, form.prefix.size()) != form.prefix) return 0;
  const size_t begin = at + form.prefix.size();
  size_t end = begin;
  while (end < text.size() && end - begin <= form.longest && belongs(text[end])) ++end;
  const size_t length = end - begin;
  if (length < form.shortest || length > form.longest) return 0;
  return LooksRandom(text.substr(begin, length)) ? end - at : 0;
}

// "-----BEGIN … PRIVATE KEY-----" and the beginning of its Base64: a prompt may
// well speak of the line alone. Bytes of the line; 0: there is none.
size_t PrivateKeyLength(std::string_view text, size_t at) {
  constexpr std::string_view kEnd = "PRIVATE KEY-----";
  constexpr size_t kMostKind = 40;
  constexpr size_t kLeastKey = 32;
  if (text.substr(at, kPrivateKeyBegin.size()) != kPrivateKeyBegin) return 0;
  const std::string_view rest = text.substr(at + kPrivateKeyBegin.size(), kMostKind);
  const size_t end = rest.find(kEnd);
  if (end == rest.npos || rest.substr(0, end).find_first_of("\r\n-") != rest.npos) return 0;
  const size_t length = kPrivateKeyBegin.size() + end + kEnd.size();
  std::string_view key = text.substr(at + length, 2 * kLeastKey);
  // In a quoted text the line break is written \n.
  while (!key.empty() && (key[0] == ' ' || key[0] == '\r' || key[0] == '\n')) key.remove_prefix(1);
  if (key.starts_with("\\n")) key.remove_prefix(2);
  size_t digits = 0;
  while (digits < key.size() &&
         (IsAlphanumeric(key[digits]) || key[digits] == '+' || key[digits] == '/')) {
    ++digits;
  }
  return digits >= kLeastKey ? length : 0;
}

}  // namespace

void LintSecrets(std::string_view text, DiagnosticSink* sink) {
  constexpr auto kMayBegin = FirstCharacters();
  PositionCursor cursor(text, {1, 1});
  int told = 0;
  const auto tell = [&](size_t at, std::string_view what, std::string_view beginning,
                        size_t length) {
    sink->Warning(cursor.At(at), "SECRET",
                  fmt::format("what looks like {} stands here ({}…, {} characters): versions are "
                              "kept for ever and the model reads it; withdraw the key where it was "
                              "issued, and take it out",
                              what, beginning, length));
    ++told;
  };
  for (size_t at = 0; at < text.size() && told < kMostOfAKind;) {
    if (!kMayBegin[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    size_t length = PrivateKeyLength(text, at);
    if (length > 0) {
      tell(at, "a private key", "-----BEGIN", length);
    } else if (at == 0 || !(syntax::IsWordCharacter(text[at - 1]) || text[at - 1] == '-')) {
      for (const SecretForm& form : kForms) {
        length = SecretLength(form, text, at);
        if (length == 0) continue;
        tell(at, form.what, form.prefix, length);
        break;
      }
    }
    at += std::max<size_t>(length, 1);
  }
}

}  // namespace colophon::lint
