#pragma once

// A label may be split over several versions; who doesn't say for whom is told so.

#include <string>

#include "client/cli/output.h"
#include "client/cpp/client.h"

namespace colophon {

// What the label that `reference` names points to after change `at_sequence`, 0: now; no
// targets when it names none, or there is none.
absl::StatusOr<v1::LabelTargets> TargetsOf(const Client& client, const std::string& reference,
                                           int64_t at_sequence);

// INVALID_ARGUMENT SPLIT_LABEL with the targets, where one version is wanted.
absl::Status CheckNotSplit(const Client& client, const std::string& reference);

// A note that the reference might have meant another version than `version`. What can't be
// found out isn't told.
void NoteSplit(const Output& out, const Client& client, const std::string& reference,
               const std::string& version);

}  // namespace colophon
