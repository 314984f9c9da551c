#include "client/cli/read/read_place.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "fmt/format.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

// "" when there is none.
std::filesystem::path StateDirectory() {
  const char* const state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return state;  // Others are to be ignored.
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return "";
  return std::filesystem::path(home) / ".local/state";
}

}  // namespace

ReadPlace::ReadPlace(const std::string& question) {
  const std::filesystem::path directory = StateDirectory();
  if (directory.empty()) return;
  path_ = directory / "colophon/read" / Sha256Hex(question).substr(0, 16);
}

std::string ReadPlace::Load() const {
  std::ifstream file(path_);
  std::string record;
  std::getline(file, record);
  return record;
}

absl::Status ReadPlace::Save(const std::string& record) const {
  if (path_.empty()) return absl::OkStatus();
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
  const std::string next = path_ + ".new";
  std::ofstream file(next, std::ios::trunc);
  file << record << "\n";
  file.close();
  if (file) std::filesystem::rename(next, path_, error);
  if (file && !error) return absl::OkStatus();
  return Error(absl::StatusCode::kUnknown, "OUTPUT",
               fmt::format("can't keep where you are in \"{}\"", path_));
}

void ReadPlace::Forget() const {
  std::error_code none;
  std::filesystem::remove(path_, none);
}

}  // namespace colophon
