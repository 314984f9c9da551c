#pragma once

#include "colophon/v1/record.pb.h"

namespace colophon {

// RECORD_STATUS_OPEN while there is no outcome.
inline v1::RecordStatus StatusOf(const v1::Record& record) {
  return record.has_outcome() ? record.outcome().status() : v1::RECORD_STATUS_OPEN;
}

}  // namespace colophon
