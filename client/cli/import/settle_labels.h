#pragma once

#include <functional>

#include "client/cli/import/import_common.h"
#include "client/cli/import/import_model.h"

namespace colophon {

// A label is on one version: of several exports that say differently, on that of the
// newest one, then on the newest version. The others lose it, and that is told.
void SettleLabels(
    ImportedPrompt* prompt,
    const std::function<bool(const ImportedVersion& one, const ImportedVersion& than)>& is_newer,
    ImportCollector* collector);

}  // namespace colophon
