#pragma once

// The names of other stores in Colophon's grammar.

#include <string>
#include <string_view>

#include "client/cli/import/import_model.h"
#include "service/base/status.h"

namespace colophon {

// "Support Triage" → "support-triage", "Team/Tone.v2" → "team/tone.v2":
// capitals become small, and what a prompt's path may not hold becomes "-".
// INVALID_ARGUMENT BAD_NAME when a segment has no letter or digit of ASCII.
absl::StatusOr<std::string> PromptPathOf(std::string_view name, const ImportOptions& options);

// The same for a label. INVALID_ARGUMENT BAD_LABEL when it can't be one: "v3"
// is a version, "deadbeef" a commit.
absl::StatusOr<std::string> LabelOf(std::string_view name);

// INVALID_ARGUMENT NAME_COLLISION when two names become the same path; names
// both.
absl::Status CheckCollisions(const ImportResult& result);

}  // namespace colophon
