#pragma once

#include "service/store/record_store.h"

namespace colophon {

// Whether a query means a record, by a look at all of it.
bool IsFoundBy(const v1::Record& record, const RecordQuery& query);

}  // namespace colophon
