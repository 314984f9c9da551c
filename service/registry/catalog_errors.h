#pragma once

// What isn't there, said so that the reader sees what is.

#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/store/object_id.h"

namespace colophon {

absl::Status NoRepository(std::string_view repository);
// Up to three of `candidates` that are spelled alike are suggested.
absl::Status NoPrompt(std::string_view repository, std::string_view prompt,
                      const std::vector<std::string_view>& candidates);
// `inside` is the path of a prompt in it.
absl::Status PromptIsFolder(std::string_view repository, std::string_view folder,
                            std::string_view inside);
absl::Status NoLabel(std::string_view repository, std::string_view prompt, std::string_view label,
                     const std::vector<std::string_view>& labels);
// The same of a past moment: `labels` are those there were after that change.
absl::Status NoLabelAt(std::string_view repository, std::string_view prompt, std::string_view label,
                       const std::vector<std::string_view>& labels, int64_t sequence);
absl::Status NoVersion(std::string_view repository, std::string_view prompt, uint32_t version,
                       uint32_t latest);
absl::Status NoBranch(std::string_view repository, std::string_view branch);
// Where it stands: `head`; zero when it isn't there.
absl::Status DraftMoved(std::string_view repository, std::string_view branch, const ObjectId& head,
                        const ObjectId& expected);
absl::Status NoCommit(std::string_view repository, std::string_view hex);
absl::Status PromptArchived(std::string_view repository, std::string_view prompt);

}  // namespace colophon
