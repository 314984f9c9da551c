#pragma once

#include <string>

#include "service/base/status.h"
#include "service/store/record_store.h"

namespace colophon {

// The record that a caller means by its id, or by the first 8 or more hex digits of it, with
// or without dashes, when no other one's begins so. INVALID_ARGUMENT BAD_RECORD_ID for what
// is neither, AMBIGUOUS_RECORD_ID with the first of those that begin so; NOT_FOUND
// RECORD_NOT_FOUND for the beginning of none. A whole id isn't looked for. May block for a
// disk read.
absl::StatusOr<std::string> FindRecordId(RecordStore* store, const std::string& given);

}  // namespace colophon
