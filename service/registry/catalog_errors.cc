#include "service/registry/catalog_errors.h"

#include <algorithm>
#include <string>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/base/spelling.h"

namespace colophon {
namespace {

constexpr size_t kMaxLabelsTold = 20;

// "production, staging, …"
std::string Told(const std::vector<std::string_view>& labels) {
  const size_t told = std::min(labels.size(), kMaxLabelsTold);
  return fmt::format("{}{}", fmt::join(labels.begin(), labels.begin() + told, ", "),
                     told < labels.size() ? ", …" : "");
}

}  // namespace

absl::Status NoRepository(std::string_view repository) {
  return NotFound(
      "REPOSITORY_NOT_FOUND",
      fmt::format("no repository \"{}\"; create it first, or list those there are", repository));
}

absl::Status NoPrompt(std::string_view repository, std::string_view prompt,
                      const std::vector<std::string_view>& candidates) {
  std::vector<std::string> close;
  for (const std::string_view candidate : SpelledAlike(prompt, candidates)) {
    close.push_back(fmt::format("\"{}\"", candidate));
  }
  return NotFound(
      "PROMPT_NOT_FOUND",
      fmt::format("no prompt \"{}\" in {}; {}", prompt, repository,
                  close.empty() ? "list the prompts to see which there are"
                                : fmt::format("close to it: {}", fmt::join(close, ", "))));
}

absl::Status PromptIsFolder(std::string_view repository, std::string_view folder,
                            std::string_view inside) {
  return NotFound(
      "PROMPT_NOT_FOUND",
      fmt::format("no prompt \"{}\" in {}: it is a folder, with \"{}\" and maybe others", folder,
                  repository, inside));
}

absl::Status NoLabel(std::string_view repository, std::string_view prompt, std::string_view label,
                     const std::vector<std::string_view>& labels) {
  return NotFound(
      "LABEL_NOT_FOUND",
      fmt::format("no label \"{}\" of {}/{}; {}", label, repository, prompt,
                  labels.empty()
                      ? fmt::format("it has no labels; {}/{}@latest is its newest version",
                                    repository, prompt)
                      : "labels there are: " + Told(labels)));
}

absl::Status NoLabelAt(std::string_view repository, std::string_view prompt, std::string_view label,
                       const std::vector<std::string_view>& labels, int64_t sequence) {
  return NotFound(
      "LABEL_NOT_FOUND",
      fmt::format("{}/{} had no label \"{}\" after change {}; {}", repository, prompt, label,
                  sequence,
                  labels.empty() ? "it had no labels" : "labels there were: " + Told(labels)));
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

absl::Status DraftMoved(std::string_view repository, std::string_view branch, const ObjectId& head,
                        const ObjectId& expected) {
  const auto place = [](const ObjectId& id) { return id.is_zero() ? "nowhere" : "at " + id.hex(); };
  return Aborted("DRAFT_MOVED",
                 fmt::format("draft \"{}\" of {} stands {}, not {}; look at it again", branch,
                             repository, place(head), place(expected)));
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
