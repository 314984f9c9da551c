#pragma once

#include <cstdint>
#include <string>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

// What a record says of how its call ended, after so many pieces.
v1::RecordStatus StatusOfEnd(const absl::Status& end, int64_t piece_count);

// The same error, with the record's id in its metadata.
absl::Status WithRecord(const absl::Status& status, const std::string& record);

}  // namespace colophon
