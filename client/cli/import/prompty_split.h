#pragma once

#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

// "---" line, YAML, "---" line, template; or the template alone.
struct SplitPrompty {
  std::string_view yaml;
  std::string_view body;
  int yaml_line = 2;
  int body_line = 0;
};

// Views into `text`, with the lines where they begin. INVALID_ARGUMENT BAD_IMPORT.
absl::StatusOr<SplitPrompty> Split(std::string_view text, const std::string& file);

}  // namespace colophon
