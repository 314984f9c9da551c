#include "service/provider/provider_secrets.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/percent.h"
#include "service/provider/secret_patterns.h"

namespace colophon {
namespace {

constexpr std::string_view kHarmless[] = {"accept",
                                          "accept-language",
                                          "alt",
                                          "anthropic-beta",
                                          "anthropic-version",
                                          "api-version",
                                          "deployment",
                                          "http-referer",
                                          "model",
                                          "openai-beta",
                                          "openai-organization",
                                          "openai-project",
                                          "origin",
                                          "referer",
                                          "region",
                                          "user-agent",
                                          "version",
                                          "x-title"};

constexpr std::string_view kSecretWords[] = {
    "auth", "authorization", "bearer", "cookie", "credential", "credentials", "jwt",   "key",
    "pass", "password",      "passwd", "secret", "session",    "sig",         "token", "signature"};

absl::Status TooShort(const std::string& field, std::string_view what) {
  return InvalidArgument(
      "BAD_CONFIG",
      fmt::format("{} {} of under {} characters: so short a secret can't be told from text, and "
                  "would stay in answers that hold it; use a longer one, or none where the server "
                  "needs none",
                  field, what, SecretPatterns::kMinBytes),
      {{"field", field}});
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  absl::AsciiStrToLower(&lower);
  return lower;
}

// The parts between any of `separators`, without empty ones.
std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// "x-api-key", "apikey", "access_token"
bool SaysSecret(std::string_view name) {
  const std::string lower = LowerCase(name);
  for (const std::string_view word : Split(lower, "-_.")) {
    if (std::find(std::begin(kSecretWords), std::end(kSecretWords), word) !=
        std::end(kSecretWords)) {
      return true;
    }
  }
  return lower.ends_with("key") || lower.ends_with("token") || lower.ends_with("secret") ||
         lower.ends_with("password");
}

class Secrets {
 public:
  // True when it, or a part of it, is long enough.
  bool Add(std::string_view value) {
    const size_t before = found_.size();
    AddOne(value);
    for (const std::string_view part : Split(value, " \t,;")) {
      AddOne(part);
      if (const size_t equals = part.find('='); equals != part.npos)
        AddOne(part.substr(equals + 1));
    }
    return found_.size() > before;
  }

  std::vector<std::string> Take() {
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return std::move(found_);
  }

 private:
  void AddOne(std::string_view value) {
    if (value.size() >= SecretPatterns::kMinBytes && IsUtf8(value)) found_.emplace_back(value);
  }

  std::vector<std::string> found_;
};

}  // namespace

bool IsHarmless(std::string_view name) {
  const std::string lower = LowerCase(name);
  return std::find(std::begin(kHarmless), std::end(kHarmless), lower) != std::end(kHarmless);
}

absl::StatusOr<std::vector<std::string>> SecretsOf(const HttpProviderOptions& options,
                                                   const std::string& field) {
  Secrets secrets;
  if (!options.key.empty() && !secrets.Add(options.key)) {
    return TooShort(field + "." + options.key_field,
                    fmt::format("has a key, in {},", options.key_source));
  }
  for (const auto& [name, value] : options.headers) {
    if (IsHarmless(name) || secrets.Add(value) || !SaysSecret(name)) continue;
    return TooShort(field + ".headers", fmt::format("gives \"{}\" a value", name));
  }
  for (const std::string_view parameter : Split(options.query, "&")) {
    const size_t equals = parameter.find('=');
    const std::string_view name = parameter.substr(0, equals);
    const std::string_view value = equals == parameter.npos ? name : parameter.substr(equals + 1);
    if (IsHarmless(name)) continue;
    const bool as_written = secrets.Add(value);
    const bool decoded = secrets.Add(PercentDecoded(value));
    if (as_written || decoded || !SaysSecret(name)) continue;
    return TooShort(field + ".query", fmt::format("gives \"{}\" a value", name));
  }
  return secrets.Take();
}

}  // namespace colophon
