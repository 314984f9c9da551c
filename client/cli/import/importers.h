#pragma once

// One function for each store that prompts come from. Each takes files as they
// are and gives prompts, and what couldn't be carried over. What concerns one
// prompt is told in the result; a status is for a file that can't be read at
// all.

#include <vector>

#include "client/cli/import/import_model.h"
#include "service/base/status.h"

namespace colophon {

// Prompts as Langfuse's API returns them (GET /api/public/v2/prompts/NAME, best
// with resolve=false) and as its prompts page exports them: one object, a list,
// {"data": [...]}, or one a line. Several versions of a name are its history.
absl::StatusOr<ImportResult> ImportLangfuse(const std::vector<LocalFile>& files,
                                            const ImportOptions& options);

// Prompt objects of OpenAI's store, and answers of its Responses API to a call
// by prompt id, whose `instructions` are the prompt's messages: one object, a
// list, {"data": [...]}, or one a line.
absl::StatusOr<ImportResult> ImportOpenAi(const std::vector<LocalFile>& files,
                                          const ImportOptions& options);

// Prompty files (https://prompty.ai), one prompt each.
absl::StatusOr<ImportResult> ImportPrompty(const std::vector<LocalFile>& files,
                                           const ImportOptions& options);

// Any text: the whole file is what a user says.
absl::StatusOr<ImportResult> ImportText(const std::vector<LocalFile>& files,
                                        const ImportOptions& options);

// Which of them the files are for: "langfuse", "openai", "prompty" or "text".
// INVALID_ARGUMENT UNKNOWN_STORE when they are of several, or of none.
absl::StatusOr<std::string> GuessStore(const std::vector<LocalFile>& files);

}  // namespace colophon
