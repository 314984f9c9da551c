#pragma once

#include <string>
#include <vector>

#include "client/cli/import/import_model.h"
#include "client/cpp/client.h"

namespace colophon {

// What became of one version.
struct PlacedVersion {
  std::string prompt;      // Ours: "support/triage".
  std::string source;      // The store's version.
  uint32_t version = 0;    // Ours; 0 when it isn't published.
  bool published = false;  // Now; else it was there.
};

struct PlacedLabel {
  std::string prompt;
  std::string label;
  uint32_t version = 0;
  bool moved = false;  // Now.
};

// So far: what is in it has happened, also when an error came after it.
struct Placement {
  std::vector<PlacedVersion> versions;
  std::vector<PlacedLabel> labels;
};

// Publishes every version of `import` as a change of its own, the older ones
// first, by time where all of them have one; then moves the labels in one
// change more. A version that the prompt has already, after those before it,
// isn't published again, so what was cut short can be run again.
absl::Status PublishImport(const Client& client, const std::string& repository,
                           const std::string& author, const ImportResult& import,
                           Placement* placement);

// What PublishImport would do, without doing it.
absl::Status PlanImport(const Client& client, const std::string& repository,
                        const ImportResult& import, Placement* placement);

}  // namespace colophon
