#pragma once

#include <string>

#include "service/base/log_line.h"

namespace colophon {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kCritical };

// Lines of key=value on standard error from now on, times in UTC: those of `level`, "debug"
// to "error", and above. Protobuf's own are among them, at level debug, for they are of
// what peers send.
void StartLog(const std::string& level);

// Another level from now on.
void SetLogLevel(const std::string& level);

// Whether a line of this level would be written: asked before one is made that costs
// something.
bool IsLogged(LogLevel level);

// Writes a line to the log. Thread-safe.
void Log(LogLevel level, const LogLine& line);

// What was written is there, before the process ends at once.
void FlushLog();

}  // namespace colophon
