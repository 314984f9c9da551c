#pragma once

// What records are told by, in lists and alone.

#include <string>

#include "colophon/v1/record.pb.h"

namespace colophon {

// "acme/support/triage@v12", or by its commit when it was a draft.
std::string VersionOf(const v1::Intent& intent);

}  // namespace colophon
