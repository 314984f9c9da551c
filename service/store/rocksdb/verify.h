#pragma once

#include "service/store/rocksdb/database.h"
#include "service/store/store.h"

namespace colophon {

// Store::Verify: walks one snapshot from end to end while writes go on.
absl::StatusOr<v1::VerifyStoreResponse> VerifyDatabase(const Database& database,
                                                       const RecordTerms& terms);

}  // namespace colophon
