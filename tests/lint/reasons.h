#pragma once

#include <string>
#include <vector>

#include "service/base/reasons.h"
#include "tests/lint/source_tree.h"

namespace colophon {

// Every error that the service makes has a reason of the catalogue and its code, and
// every reason of the catalogue is used.
std::vector<std::string> CheckReasons(const std::vector<SourceFile>& files,
                                      const std::vector<Reason>& catalogue);

}  // namespace colophon
