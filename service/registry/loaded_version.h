#pragma once

#include <memory>
#include <string>

#include "colophon/v1/registry.pb.h"
#include "service/template/prompt/closure.h"

namespace colophon {

// One version with everything that rendering needs. Immutable.
struct LoadedVersion {
  v1::Version version;  // With file contents.
  std::shared_ptr<const prompt::Closure> closure;
  // `version` serialized once, for answers that carry nothing else of size.
  std::string serialized;
};

}  // namespace colophon
