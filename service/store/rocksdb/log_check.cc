#include "service/store/rocksdb/log_check.h"

#include <algorithm>
#include <charconv>

#include "fmt/format.h"
#include "service/store/rocksdb/log_scan.h"

namespace colophon {
namespace {

// The number in "000012.log" or "MANIFEST-000012".
std::optional<uint64_t> NumberIn(std::string_view name, std::string_view prefix,
                                 std::string_view suffix) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  name.remove_suffix(std::min(suffix.size(), name.size()));
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

absl::Status Damaged(const std::string& directory, std::string_view fact) {
  return DataLoss("CORRUPT_STORE", fmt::format("the store in \"{}\" is damaged: {}. Start on a "
                                               "backup",
                                               directory, fact));
}

std::string NameOfLog(uint64_t number) { return fmt::format("{:06}.log", number); }

absl::Status CantRead(const std::string& path, const rocksdb::Status& status) {
  return Unavailable("STORE_READ_FAILED", fmt::format("can't read \"{}\": {}. Check the disk and "
                                                      "try again",
                                                      path, status.ToString()));
}

}  // namespace

std::string LogPath(const std::string& directory, uint64_t number) {
  return directory + "/" + NameOfLog(number);
}

absl::StatusOr<std::vector<uint64_t>> ListLogs(rocksdb::Env* env, const std::string& directory) {
  std::vector<std::string> names;
  const rocksdb::Status status = env->GetChildren(directory, &names);
  if (!status.ok()) return CantRead(directory, status);
  std::vector<uint64_t> numbers;
  for (const std::string& name : names) {
    if (const std::optional<uint64_t> number = NumberIn(name, "", ".log"))
      numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

absl::Status LostWrites(const std::string& directory, std::string_view fact) {
  return DataLoss("LOST_WRITES",
                  fmt::format("writes that were acknowledged are missing from the store in \"{}\": "
                              "{}. Start on a backup; or start once with --accept-loss, to go on "
                              "with what is left",
                              directory, fact));
}

absl::Status CheckManifest(rocksdb::Env* env, const std::string& directory,
                           const SyncedMark& mark) {
  std::string current;
  rocksdb::Status status = rocksdb::ReadFileToString(env, directory + "/CURRENT", &current);
  if (!status.ok()) return CantRead(directory + "/CURRENT", status);
  const std::optional<uint64_t> number = NumberIn(current, "MANIFEST-", "\n");
  if (!number) return Damaged(directory, "its file CURRENT names no manifest");
  const std::string path = directory + "/" + current.substr(0, current.size() - 1);
  LogScan scan;
  status = ScanLog(env, path, LogKind::kManifest, &scan);
  if (status.IsPathNotFound() || status.IsNotFound()) {
    return Damaged(directory, fmt::format("\"{}\", which CURRENT names, isn't there", path));
  }
  if (!status.ok()) return CantRead(path, status);
  if (*number < mark.manifest) {
    return Damaged(directory, fmt::format("CURRENT names \"{}\", and there was a newer manifest, "
                                          "{}",
                                          path, mark.manifest));
  }
  if (scan.goes_on || (*number == mark.manifest && scan.end < mark.manifest_bytes)) {
    return Damaged(directory, fmt::format("\"{}\" is whole up to byte {} only", path, scan.end));
  }
  return absl::OkStatus();
}

absl::Status CheckLogs(rocksdb::Env* env, const std::string& directory, const SyncedMark& mark,
                       const StoreLog& log) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> logs, ListLogs(env, directory));
  const uint64_t newest = logs.empty() ? 0 : logs.back();
  // A log goes only when there is a newer one.
  if (newest < mark.log) {
    return LostWrites(directory, fmt::format("the log {} isn't there", NameOfLog(mark.log)));
  }
  if (std::binary_search(logs.begin(), logs.end(), mark.log)) {
    uint64_t size = 0;
    const std::string path = LogPath(directory, mark.log);
    const rocksdb::Status status = env->GetFileSize(path, &size);
    if (!status.ok()) return CantRead(path, status);
    if (size < mark.log_bytes) {
      return LostWrites(directory, fmt::format("the log {} has {} bytes, and {} were synced",
                                               NameOfLog(mark.log), size, mark.log_bytes));
    }
  }

  std::optional<LogScan> cut;  // Of the newest.
  for (const uint64_t number : logs) {
    const std::string path = LogPath(directory, number);
    LogScan scan;
    const rocksdb::Status status = ScanLog(env, path, LogKind::kWrites, &scan);
    if (!status.ok()) return CantRead(path, status);
    if (scan.is_whole()) continue;
    // A log is begun when all writes of the one before are whole.
    if (number < newest || scan.goes_on || (number == mark.log && scan.end < mark.log_bytes)) {
      return LostWrites(directory, fmt::format("the log {} is damaged at byte {}, and what stands "
                                               "there or behind it was synced",
                                               NameOfLog(number), scan.end));
    }
    cut = scan;
  }
  if (!cut) return absl::OkStatus();
  const std::string path = LogPath(directory, newest);
  const rocksdb::Status status = CutLog(env, path, cut->end);
  if (!status.ok()) {
    return FailedPrecondition("STORE_DIRECTORY",
                              fmt::format("can't write \"{}\": {}", path, status.ToString()));
  }
  if (log) {
    log(StoreLogLevel::kInfo, "log_cut",
        fmt::format("the last {} bytes of {} are of a write that was cut short and never "
                    "acknowledged: removed",
                    cut->size - cut->end, NameOfLog(newest)));
  }
  return absl::OkStatus();
}

rocksdb::WalFilter::WalProcessingOption LogContinuity::LogRecordFound(
    unsigned long long log, const std::string&, const rocksdb::WriteBatch& batch,
    rocksdb::WriteBatch*, bool*) {
  // A batch begins with its sequence, little-endian as the log's every number.
  uint64_t sequence = 0;
  for (size_t i = sizeof(sequence); i-- > 0;) {
    sequence = sequence << 8 | static_cast<uint8_t>(batch.Data()[i]);
  }
  if (next_sequence_ && sequence != *next_sequence_) {
    gap_ = fmt::format("writes {} to {}, between the logs {} and {}", *next_sequence_, sequence - 1,
                       NameOfLog(last_log_), NameOfLog(log));
    return WalProcessingOption::kCorruptedRecord;
  }
  next_sequence_ = sequence + static_cast<uint64_t>(batch.Count());
  last_log_ = log;
  return WalProcessingOption::kContinueProcessing;
}

}  // namespace colophon
