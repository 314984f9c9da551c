#pragma once

#include "service/base/json.h"

namespace colophon {

// The schema with additionalProperties: false in every object that doesn't say it, at
// every level: an API that writes by a schema refuses what is open. An answer that
// follows the closed schema follows the open one.
json::object ClosedSchema(json::object schema);

}  // namespace colophon
