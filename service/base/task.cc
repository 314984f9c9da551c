#include "service/base/task.h"

#include "fmt/format.h"

namespace colophon {

absl::Status StatusOfException(std::string_view what, const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return Internal(fmt::format("{} failed: {}", what, e.what()));
  } catch (...) {
    return Internal(fmt::format("{} failed", what));
  }
}

}  // namespace colophon
