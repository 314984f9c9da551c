#pragma once

// What people write after `label PROMPT@LABEL`.

#include <string>
#include <vector>

#include "client/cpp/client.h"

namespace colophon {

// Each a selector of that prompt, "v12", "latest", "staging", a commit, with "=90" or
// "=90%" behind it when there are several:
//
//   target = selector [ "=" weight [ "%" ] ]
//
// A label that is split is taken as it is, alone. INVALID_ARGUMENT BAD_TARGET.
absl::StatusOr<v1::LabelTargets> FindTargets(const Client& client, const std::string& prompt,
                                             const std::vector<std::string>& texts);

// What the label pointed to before its newest move. FAILED_PRECONDITION NO_PREVIOUS when it
// always pointed there.
absl::StatusOr<v1::LabelTargets> FindPrevious(const Client& client, const std::string& prompt,
                                              const std::string& label);

}  // namespace colophon
