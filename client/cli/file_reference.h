#pragma once

// A FILE where a reference may stand, and the short forms of a second reference.

#include <string>

#include "service/base/status.h"

namespace colophon {

// A reference never looks like one in practice: a regular file that is there, a path that
// begins with "/" or ".", or a name that ends in ".prompt".
bool IsFile(const std::string& text);

// In a working folder "triage.prompt" → "acme/support/triage", and with "@SELECTOR" behind
// it the same with the selector; a reference as it is. NOT_FOUND NO_FOLDER for a file
// outside of a working folder.
absl::StatusOr<std::string> ReferenceOf(const std::string& text);

// "@v2" and "v2" are of the prompt that `first` names; all else is as ReferenceOf.
absl::StatusOr<std::string> SecondReferenceOf(const std::string& first, const std::string& text);

}  // namespace colophon
