#include "service/registry/catalog_errors.h"

#include <algorithm>
#include <string>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace colophon {
namespace {

constexpr size_t kMaxSuggestions = 3;
constexpr size_t kMaxLabelsTold = 20;

// How many letters differ, as far as they are no more than `limit`; else more
// than that. Looks only at alignments that close: a name that isn't there costs
// little, whatever stands beside it.
size_t EditDistance(std::string_view a, std::string_view b, size_t limit) {
  const size_t far = limit + 1;
  std::vector<size_t> row(b.size() + 1, far);
  for (size_t j = 0; j <= std::min(b.size(), limit); ++j) row[j] = j;
  for (size_t i = 0; i < a.size(); ++i) {
    const size_t begin = i > limit ? i - limit : 0;
    const size_t end = std::min(b.size(), i + 1 + limit);
    size_t diagonal = row[begin];
    row[begin] = begin == 0 ? i + 1 : far;
    for (size_t j = begin; j < end; ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1, far});
    }
  }
  return row.back();
}

std::vector<std::string> Suggestions(std::string_view name,
                                     const std::vector<std::string_view>& candidates) {
  const size_t limit = std::max<size_t>(1, std::min<size_t>(3, name.size() / 3));
  std::vector<std::pair<size_t, std::string_view>> close;
  for (const std::string_view candidate : candidates) {
    const size_t longer = std::max(candidate.size(), name.size());
    const size_t shorter = std::min(candidate.size(), name.size());
    if (longer - shorter > limit) continue;
    const size_t distance = EditDistance(name, candidate, limit);
    if (distance <= limit) close.emplace_back(distance, candidate);
  }
  std::sort(close.begin(), close.end());
  if (close.size() > kMaxSuggestions) close.resize(kMaxSuggestions);
  std::vector<std::string> quoted;
  quoted.reserve(close.size());
  for (const auto& [distance, candidate] : close) {
    quoted.push_back(fmt::format("\"{}\"", candidate));
  }
  return quoted;
}

}  // namespace

absl::Status NoRepository(std::string_view repository) {
  return NotFound(
      "REPOSITORY_NOT_FOUND",
      fmt::format("no repository \"{}\"; create it first, or list those there are", repository));
}

absl::Status NoPrompt(std::string_view repository, std::string_view prompt,
                      const std::vector<std::string_view>& candidates) {
  const auto close = Suggestions(prompt, candidates);
  return NotFound(
      "PROMPT_NOT_FOUND",
      fmt::format("no prompt \"{}\" in {}; {}", prompt, repository,
                  close.empty() ? "list the prompts to see which there are"
                                : fmt::format("close to it: {}", fmt::join(close, ", "))));
}

absl::Status NoLabel(std::string_view repository, std::string_view prompt, std::string_view label,
                     const std::vector<std::string_view>& labels) {
  const size_t told = std::min(labels.size(), kMaxLabelsTold);
  std::string there =
      fmt::format("it has no labels; {}/{}@latest is its newest version", repository, prompt);
  if (told > 0) {
    there = fmt::format("labels there are: {}{}",
                        fmt::join(labels.begin(), labels.begin() + told, ", "),
                        told < labels.size() ? ", …" : "");
  }
  return NotFound("LABEL_NOT_FOUND",
                  fmt::format("no label \"{}\" of {}/{}; {}", label, repository, prompt, there));
}

absl::Status NoVersion(std::string_view repository, std::string_view prompt, uint32_t version,
                       uint32_t latest) {
  return NotFound("VERSION_NOT_FOUND", fmt::format("no version {} of {}/{}; the newest is v{}",
                                                   version, repository, prompt, latest));
}

absl::Status NoBranch(std::string_view repository, std::string_view branch) {
  return NotFound("BRANCH_NOT_FOUND",
                  fmt::format("no branch \"{}\" in {}; publish to it first", branch, repository));
}

absl::Status NoCommit(std::string_view repository, std::string_view hex) {
  return NotFound("COMMIT_NOT_FOUND", fmt::format("no commit {} in {}", hex, repository));
}

absl::Status PromptArchived(std::string_view repository, std::string_view prompt) {
  return FailedPrecondition(
      "PROMPT_ARCHIVED",
      fmt::format("{}/{} is archived; its versions are found by number or commit, and publishing "
                  "the file again brings it back",
                  repository, prompt));
}

}  // namespace colophon
