#pragma once

#include <memory>

#include "service/api/served_call.h"
#include "service/base/workers.h"
#include "service/registry/registry.h"

namespace colophon {

// Serves a GetVersion: at once when memory has the version, else from a worker. The
// answer shares the version's bytes: nothing of its size is copied or serialized.
void AnswerVersion(Registry* registry, Workers* workers, const std::shared_ptr<ServedCall>& call);

}  // namespace colophon
