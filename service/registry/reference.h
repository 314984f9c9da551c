#pragma once

// What a caller writes to mean a version, and the rules for names.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "service/base/status.h"

namespace colophon {

struct VersionSelector {
  uint32_t version;
};
struct LabelSelector {
  std::string label;
};
struct LatestSelector {};
struct CommitSelector {
  std::string hex;
};  // 7 to 40 digits.
struct BranchSelector {
  std::string branch;
};

using Selector =
    std::variant<LabelSelector, VersionSelector, LatestSelector, CommitSelector, BranchSelector>;

// reference  = repository "/" prompt [ "@" selector ]
// selector   = "v" number | label | "latest" | commit | "heads/" branch
//
// Without a selector it means @production.
struct Reference {
  std::string repository;
  std::string prompt;
  Selector selector = LabelSelector{"production"};
  bool has_selector = false;

  // INVALID_ARGUMENT BAD_REFERENCE, with the rule in the message.
  static absl::StatusOr<Reference> Parse(std::string_view text);
};

// "acme/support/triage" without a selector.
struct PromptName {
  std::string repository;
  std::string prompt;
  static absl::StatusOr<PromptName> Parse(std::string_view text);
};

// "acme/support/triage@production"
struct LabelName {
  std::string repository;
  std::string prompt;
  std::string label;
  static absl::StatusOr<LabelName> Parse(std::string_view text);
};

// INVALID_ARGUMENT BAD_REPOSITORY, BAD_PROMPT, BAD_LABEL, BAD_BRANCH, BAD_PATH, with
// the rule and the value in the message.
absl::Status CheckRepositoryName(std::string_view name);
absl::Status CheckPromptPath(std::string_view path);  // "support/triage"
absl::Status CheckLabel(std::string_view label);
absl::Status CheckBranch(std::string_view branch);
// A file of the tree: segments of [A-Za-z0-9_.][A-Za-z0-9_.-]*, none of them
// ".", ".." or ".git" in any case, 255 bytes in all, at most 16 deep.
absl::Status CheckFilePath(std::string_view path);

// "support/triage.prompt" → "support/triage"; empty when it is a partial or
// not a prompt file.
std::string PromptOfPath(std::string_view path);
std::string PathOfPrompt(std::string_view prompt);
std::string LabelsPathOfPrompt(std::string_view prompt);

std::string VersionName(std::string_view repository, std::string_view prompt, uint32_t version);

}  // namespace colophon
