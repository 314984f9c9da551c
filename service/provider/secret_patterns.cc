#include "service/provider/secret_patterns.h"

#include <deque>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

uint8_t Fold(char c) { return static_cast<uint8_t>(absl::ascii_tolower(c)); }

// All but letters, digits and `kept`.
std::string PercentForm(std::string_view secret, std::string_view kept) {
  std::string out;
  for (const char c : secret) {
    const bool plain = absl::ascii_isalnum(c) || kept.find(c) != kept.npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02x}", static_cast<uint8_t>(c));
  }
  return out;
}

std::string JsonForm(std::string_view secret, bool escape_slash) {
  const std::string quoted = WriteJson(json::value(json::string(secret.data(), secret.size())));
  std::string out;
  for (const char c : std::string_view(quoted).substr(1, quoted.size() - 2)) {
    if (escape_slash && c == '/') out += '\\';
    out += c;
  }
  return out;
}

// The part of the base64 form that depends on the secret alone, when `before`
// bytes of its group of three are something else's.
std::string Base64Form(std::string_view secret, size_t before, bool url) {
  const std::string text = std::string(before, '\0') + std::string(secret);
  std::string form = url ? absl::WebSafeBase64Escape(text) : absl::Base64Escape(text);
  const size_t begin = (before * 8 + 5) / 6;
  const size_t end = text.size() * 8 / 6;
  return form.substr(begin, end - begin);
}

std::set<std::string> FormsOf(const std::string& secret) {
  std::set<std::string> forms = {secret, absl::BytesToHexString(secret),
                                 JsonForm(secret, /*escape_slash=*/false),
                                 JsonForm(secret, /*escape_slash=*/true)};
  // Nothing but letters and digits, RFC 3986, then what common libraries keep:
  // Python's quote, JavaScript's encodeURIComponent, HTML forms; and every byte.
  for (const std::string_view kept : {"", "-._~", "-._~/", "-._~!*'()", "-._*"}) {
    forms.insert(PercentForm(secret, kept));
  }
  std::string all;
  for (const char c : secret) all += fmt::format("%{:02x}", static_cast<uint8_t>(c));
  forms.insert(std::move(all));
  for (size_t before = 0; before < 3; ++before) {
    forms.insert(Base64Form(secret, before, /*url=*/false));
    forms.insert(Base64Form(secret, before, /*url=*/true));
  }
  return forms;
}

}  // namespace

SecretPatterns::SecretPatterns(const std::vector<std::string>& secrets) : nodes_(1) {
  for (const std::string& secret : secrets) {
    if (secret.size() < kMinBytes) continue;
    for (const std::string& form : FormsOf(secret)) Add(form);
  }
  Link();
}

SecretPatterns::State SecretPatterns::ChildOf(State state, uint8_t byte) const {
  State child = nodes_[state].child;
  while (child != 0 && nodes_[child].byte != byte) child = nodes_[child].sibling;
  return child;
}

void SecretPatterns::Add(std::string_view pattern) {
  State state = kStart;
  for (const char c : pattern) {
    State child = ChildOf(state, Fold(c));
    if (child == 0) {
      child = static_cast<State>(nodes_.size());
      nodes_.push_back({.byte = Fold(c),
                        .child = 0,
                        .sibling = nodes_[state].child,
                        .shorter = kStart,
                        .depth = nodes_[state].depth + 1,
                        .found = 0});
      nodes_[state].child = child;
    }
    state = child;
  }
  nodes_[state].found = nodes_[state].depth;
}

// Level by level: what a node falls back to is shorter than itself.
void SecretPatterns::Link() {
  std::deque<State> level;
  for (State child = nodes_[kStart].child; child != 0; child = nodes_[child].sibling) {
    first_[nodes_[child].byte] = child;
    if (absl::ascii_islower(nodes_[child].byte)) {
      first_[absl::ascii_toupper(nodes_[child].byte)] = child;
    }
    level.push_back(child);
  }
  for (; !level.empty(); level.pop_front()) {
    const State state = level.front();
    if (nodes_[state].found == 0) nodes_[state].found = nodes_[nodes_[state].shorter].found;
    for (State child = nodes_[state].child; child != 0; child = nodes_[child].sibling) {
      nodes_[child].shorter = Next(nodes_[state].shorter, static_cast<char>(nodes_[child].byte));
      level.push_back(child);
    }
  }
}

SecretPatterns::State SecretPatterns::Next(State state, char c) const {
  const uint8_t byte = Fold(c);
  for (; state != kStart; state = nodes_[state].shorter) {
    if (const State child = ChildOf(state, byte); child != 0) return child;
  }
  return first_[byte];
}

std::string SecretFilter::Feed(std::string_view text) {
  if (patterns_->empty()) return std::string(text);
  held_ += text;
  std::string out;
  Settle(&out);
  return out;
}

std::string SecretFilter::Finish() {
  std::string out;
  while (end_ > 0) {
    out += held_.substr(0, begin_);
    out += kRemoved;
    ++removed_count_;
    // What stands behind it may hold another one.
    held_.erase(0, end_);
    looked_at_ = begin_ = end_ = 0;
    state_ = SecretPatterns::kStart;
    Settle(&out);
  }
  // An answer that broke off in the middle of a secret.
  const size_t begun = patterns_->BegunAt(state_);
  if (begun >= SecretPatterns::kMinBytes) {
    held_.replace(held_.size() - begun, begun, kRemoved);
    ++removed_count_;
  }
  out += held_;
  held_.clear();
  looked_at_ = 0;
  state_ = SecretPatterns::kStart;
  return out;
}

// Of those that overlap, the one that begins first is taken, and of those that
// begin together the longest.
void SecretFilter::Settle(std::string* out) {
  size_t given = 0;
  while (looked_at_ < held_.size()) {
    state_ = patterns_->Next(state_, held_[looked_at_++]);
    const size_t begun = looked_at_ - patterns_->BegunAt(state_);
    if (end_ > 0 && begun > begin_) {
      // Nothing that begins as early can come any more.
      out->append(held_, given, begin_ - given);
      *out += kRemoved;
      ++removed_count_;
      given = looked_at_ = end_;
      begin_ = end_ = 0;
      state_ = SecretPatterns::kStart;
      continue;
    }
    const size_t found = patterns_->FoundAt(state_);
    if (found > 0 && (end_ == 0 || looked_at_ - found <= begin_)) {
      begin_ = looked_at_ - found;
      end_ = looked_at_;
    }
  }
  const size_t kept = end_ > 0 ? begin_ : looked_at_ - patterns_->BegunAt(state_);
  out->append(held_, given, kept - given);
  held_.erase(0, kept);
  looked_at_ -= kept;
  if (end_ > 0) {
    begin_ -= kept;
    end_ -= kept;
  }
}

std::string RemoveSecrets(const SecretPatterns& patterns, std::string_view text,
                          int64_t* removed_count) {
  SecretFilter filter(&patterns);
  std::string out = filter.Feed(text);
  out += filter.Finish();
  *removed_count += filter.removed_count();
  return out;
}

}  // namespace colophon
