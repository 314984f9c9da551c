#pragma once

#include <memory>

#include "service/api/served_call.h"
#include "service/completion/completer.h"

namespace colophon {

// Serves a StreamComplete: the completer's messages as fast as the caller reads, one at
// a time, last the whole response.
void StreamCompletion(Completer* completer, const std::shared_ptr<ServedCall>& call);

}  // namespace colophon
