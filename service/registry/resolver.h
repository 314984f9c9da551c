#pragma once

// Reference → version. Labels and latest versions of every prompt are held in
// memory, so a resolution by label is a hash look-up; parsed closures are
// kept in a cache that is never stale, because a version never changes.

#include <memory>
#include <string>

#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"
#include "service/registry/reference.h"
#include "service/store/store.h"
#include "service/template/closure.h"

namespace colophon {

// One version with everything that rendering needs. Immutable.
struct LoadedVersion {
  v1::Version version;  // With file contents.
  std::shared_ptr<const Closure> closure;
  // `version` serialized once, for answers that carry nothing else of size.
  std::string serialized;
};

struct Resolution {
  std::shared_ptr<const LoadedVersion> loaded;
  std::string label;     // The label it was found by; empty by another selector.
  int64_t sequence = 0;  // Of the repository when it was resolved.
};

// When a reference is resolved as of a past moment.
struct ResolveOptions {
  std::string subject;       // Picks the target of a weighted label.
  int64_t at_sequence = -1;  // -1: now.
  absl::Time at_time = absl::InfiniteFuture();
};

}  // namespace colophon
