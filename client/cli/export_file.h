#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

// How far an export has come, as FILE.resume has it: JSON.
struct ExportState {
  std::string format;
  v1::ExportRecordsRequest request;  // With the token that goes on.
  int64_t file_bytes = 0;
  int64_t count = 0;                        // Records written.
  std::map<std::string, int64_t> left_out;  // By what is said of them.
};

// The file that an export writes, or standard output, and beside it how far it has come: a
// step is in the file before it is in FILE.resume, and what the file has beyond that is cut
// off, so that no record is in it twice or missing.
//
// Not thread-safe.
class ExportFile {
 public:
  // Empty: standard output. With `resume` the state goes on from where it was, with the
  // filter that it had: `--since 1h` means another time now. FAILED_PRECONDITION
  // NOTHING_TO_RESUME when there is none, OTHER_EXPORT when it is of another name or format.
  static absl::StatusOr<ExportFile> Open(const std::string& path, bool resume, ExportState* state);

  // Adds it, and then notes the state.
  absl::Status Write(std::string_view text, ExportState* state);
  // All is there: nothing is to be resumed.
  absl::Status Finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  explicit ExportFile(std::string path) : path_(std::move(path)) {}
  std::string StatePath() const { return path_ + ".resume"; }
  absl::Status Cut(int64_t bytes);
  absl::Status SaveState(const ExportState& state) const;

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;  // Null: standard output.
};

}  // namespace colophon
