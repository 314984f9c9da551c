#pragma once

// What is read of a record in many places.

#include <string>

#include "colophon/v1/record.pb.h"

namespace colophon {

// RECORD_STATUS_OPEN while there is no outcome.
inline v1::RecordStatus StatusOf(const v1::Record& record) {
  return record.has_outcome() ? record.outcome().status() : v1::RECORD_STATUS_OPEN;
}

// The one that answered, else the one that was asked first.
inline const std::string& ModelOf(const v1::Record& record) {
  const std::string& answered = record.outcome().model();
  return answered.empty() ? record.intent().model() : answered;
}

}  // namespace colophon
