#pragma once

#include <functional>

#include "service/base/status.h"

namespace colophon {

// Told what became of a write, once it is durable or refused.
using Done = std::function<void(absl::Status)>;

}  // namespace colophon
