#include "service/template/schema/result.h"

#include "fmt/format.h"

namespace colophon {

std::string FormatViolation(const SchemaViolation& violation, std::string_view whole) {
  return fmt::format("{}: {}", violation.pointer.empty() ? whole : violation.pointer,
                     violation.message);
}

}  // namespace colophon
