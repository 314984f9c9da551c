#pragma once

// API keys that don't come from the environment. What they say of a failure never has the
// key: PROVIDER_KEY_MISSING, whose message names the field behind `field`, "providers[0]".

#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"

namespace colophon {

// FAILED_PRECONDITION PROVIDER_KEY_MISSING
absl::Status KeyMissing(std::string_view message);

absl::StatusOr<std::string> ReadKeyFile(const std::string& path, const std::string& field);

// Runs it with our environment, without a shell, and waits ten seconds at most.
absl::StatusOr<std::string> RunKeyCommand(const std::vector<std::string>& command,
                                          const std::string& field);

}  // namespace colophon
