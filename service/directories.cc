#include "service/directories.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "fmt/format.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

// What writing there, or creating it, would meet.
std::error_code WriteError(const fs::path& directory) {
  std::error_code error;
  fs::path existing = fs::absolute(directory, error).lexically_normal();
  while (!error && !fs::exists(existing, error) && existing != existing.parent_path()) {
    existing = existing.parent_path();
  }
  if (error) return error;
  if (!fs::is_directory(existing, error)) return std::make_error_code(std::errc::not_a_directory);
  if (access(existing.c_str(), W_OK | X_OK) == 0) return {};
  return {errno, std::generic_category()};
}

}  // namespace

absl::Status CheckDirectory(const std::string& reason, const std::string& what,
                            const std::string& directory, const std::string& remedy) {
  const std::error_code error = WriteError(directory);
  if (!error) return absl::OkStatus();
  return FailedPrecondition(reason, fmt::format("can't write to the {} \"{}\": {}; {}", what,
                                                directory, error.message(), remedy));
}

}  // namespace colophon
