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

// The same without a copy: views into the text it was parsed from.
struct ReferenceView {
  enum class Kind { kLabel, kVersion, kLatest, kCommit, kBranch };
  std::string_view repository;
  std::string_view prompt;
  Kind kind = Kind::kLabel;
  // The label, the commit's digits or the branch.
  std::string_view selector = "production";
  uint32_t version = 0;
  bool has_selector = false;

  // As Reference::Parse.
  static absl::StatusOr<ReferenceView> Parse(std::string_view text);
  // REQUIRES: `reference` outlives the view.
  static ReferenceView Of(const Reference& reference);
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

// Where `name` may be a repository or a prompt of it.
struct ScopeName {
  std::string repository;
  std::string rest;  // "support/triage", or empty.
  static absl::StatusOr<ScopeName> Parse(std::string_view text);
  // `rest` may be the beginning of a prompt's path, "support/tri".
  static absl::StatusOr<ScopeName> ParsePrefix(std::string_view text);
};

// INVALID_ARGUMENT BAD_REPOSITORY, BAD_PROMPT, BAD_LABEL, BAD_BRANCH, BAD_PATH, with
// the rule and the value in the message.
absl::Status CheckRepositoryName(std::string_view name);
absl::Status CheckPromptPath(std::string_view path);  // "support/triage"
absl::Status CheckLabel(std::string_view label);
absl::Status CheckBranch(std::string_view branch);
// A file of the tree: segments of [A-Za-z0-9_.][A-Za-z0-9_.-]*, none of them
// ".", "..", ".git" or ".gitmodules" in any case, none ending in ".", 255 bytes
// in all, at most 16 deep.
absl::Status CheckFilePath(std::string_view path);

// What a file of the tree is, by its name.
enum class FileKind { kPrompt, kPartial, kLabels, kSchema, kTool, kOther };
FileKind KindOfFile(std::string_view path);

// "support/triage.labels.yaml" → "support/triage"; empty for any other file.
std::string PromptOfLabelsPath(std::string_view path);

// "support/triage.prompt" → "support/triage"; empty when it is a partial or
// not a prompt file.
std::string PromptOfPath(std::string_view path);
std::string PathOfPrompt(std::string_view prompt);
std::string LabelsPathOfPrompt(std::string_view prompt);

// In quotes for a message: bytes that don't print are escaped, a long one is cut.
std::string Quoted(std::string_view text);

std::string VersionName(std::string_view repository, std::string_view prompt, uint32_t version);

}  // namespace colophon
