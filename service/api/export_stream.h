#pragma once

#include <memory>

#include "service/api/served_call.h"
#include "service/base/workers.h"
#include "service/completion/records.h"

namespace colophon {

// Serves an ExportRecords: a message is read when the one before was taken, so that a caller
// who reads slowly has one in memory and holds no thread.
void StreamExport(Records* records, Workers* workers, const std::shared_ptr<ServedCall>& call);

}  // namespace colophon
