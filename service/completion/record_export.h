#pragma once

#include <string>

#include "absl/time/time.h"
#include "colophon/v1/record.pb.h"
#include "service/base/call.h"
#include "service/record/queries.h"
#include "service/registry/registry.h"

namespace colophon {

// Where an export goes on.
struct ExportPlace {
  absl::Time begin;       // Of the whole export: what `time > 3d` counts from.
  std::string before_id;  // Empty: from the newest record.
};

// `now` when there is no token yet. INVALID_ARGUMENT BAD_PAGE_TOKEN for one of another
// export.
absl::StatusOr<ExportPlace> ReadExportPlace(const v1::ExportRecordsRequest& request,
                                            absl::Time now);

// One message of an export: so many records that a worker is free again after milliseconds.
// CANCELLED when nobody waits any more.
absl::StatusOr<v1::ExportRecordsResponse> ExportFrom(const ExportPlace& place,
                                                     const RecordFilter& filter,
                                                     const v1::ExportRecordsRequest& request,
                                                     RecordQueries* queries, Registry* registry,
                                                     const Call& call);

}  // namespace colophon
