#include "service/template/schema/result.h"

#include "fmt/format.h"

namespace colophon::schema {

std::string FormatViolation(const Violation& violation, std::string_view whole) {
  return fmt::format("{}: {}", violation.pointer.empty() ? whole : violation.pointer,
                     violation.message);
}

}  // namespace colophon::schema
