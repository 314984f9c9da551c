#include "tests/store/killed_copy.h"

#include <filesystem>
#include <map>
#include <system_error>

#include "rocksdb/env.h"
#include "service/store/rocksdb/log_check.h"
#include "service/store/rocksdb/log_scan.h"
#include "service/store/rocksdb/synced_mark.h"
#include "tests/testing/eventually.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

bool IsMarked(const std::string& store) {
  rocksdb::Env* const env = rocksdb::Env::Default();
  const auto mark = SyncedFile::Read(env, store);
  if (!mark.ok() || !*mark) return false;
  const auto logs = ListLogs(env, store);
  LogScan scan;
  return logs.ok() && !logs->empty() && (*mark)->log == logs->back() &&
         ScanLog(env, LogPath(store, logs->back()), LogKind::kWrites, &scan).ok() &&
         (*mark)->log_bytes == scan.end;
}

// Names and sizes, and the mark, which is written in place.
std::map<std::string, std::string> Listing(const std::string& store) {
  std::map<std::string, std::string> listing;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(store, error)) {
    listing[entry.path().filename()] = std::to_string(entry.file_size(error));
  }
  listing["SYNCED"] = ReadFileOrDie(store + "/SYNCED");
  return listing;
}

}  // namespace

bool CopyAsKilled(const std::string& store, const std::string& copy) {
  return static_cast<bool>(Eventually([&] {
    const auto before = Listing(store);
    if (!IsMarked(store)) return false;
    std::error_code error;
    fs::remove_all(copy, error);
    fs::copy(store, copy, error);
    return !error && Listing(store) == before && Listing(copy) == before;
  }));
}

std::string NewestLog(const std::string& store) {
  const auto logs = ListLogs(rocksdb::Env::Default(), store);
  return logs.ok() && !logs->empty() ? LogPath(store, logs->back()) : "";
}

}  // namespace colophon
