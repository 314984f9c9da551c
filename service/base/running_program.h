#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/base/file_descriptor.h"
#include "service/base/status.h"
#include "service/base/stop_flag.h"

namespace colophon {

struct ProgramOptions {
  // The program, found in PATH, and what it is told.
  std::vector<std::string> arguments;
  // "NAME=value". Beside it the program has our PATH and nothing else.
  std::vector<std::string> environment;
  // What it reads from standard input: a file, from its beginning; null: nothing.
  const FileDescriptor* input = nullptr;
  // Of each of its processes; 0: as we have.
  size_t max_memory_bytes = 0;
  std::chrono::seconds max_processor_time{0};
};

// A program that runs beside us, in a group of its own: when this is destroyed, it and all
// that it has started are killed. What it writes to standard output comes out of a pipe, what
// it says on standard error is kept.
//
// Used by one thread at a time.
class RunningProgram {
 public:
  // INTERNAL CANT_RUN, when the program isn't there.
  static absl::StatusOr<std::unique_ptr<RunningProgram>> Start(const ProgramOptions& options);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  // What it writes: non-blocking, at its end when the program has closed its standard
  // output. Once.
  FileDescriptor TakeOutput() { return std::move(output_); }
  // Can be read when the program has ended. Once.
  FileDescriptor TakeEnd() { return std::move(end_); }

  // Waits until it ends: its exit code, or 128 and the signal.
  int ExitCode();
  // The end of what it has said on standard error, as UTF-8.
  std::string Errors() const;

  // Instead of both: reads what it writes until it ends. DEADLINE_EXCEEDED
  // PROGRAM_TIMEOUT; CANCELLED when it is stopped. `stop` may be null.
  absl::StatusOr<std::string> ReadAll(std::chrono::milliseconds timeout, const StopFlag* stop);

 private:
  RunningProgram() = default;

  pid_t pid_ = -1;
  bool reaped_ = false;
  int exit_code_ = 0;
  FileDescriptor output_;
  FileDescriptor errors_;
  FileDescriptor end_;
};

// These bytes as a file in memory, for a program to read. RESOURCE_EXHAUSTED.
absl::StatusOr<FileDescriptor> MakeMemoryFile(std::string_view bytes);

}  // namespace colophon
