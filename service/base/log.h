#pragma once

#include "service/base/log_line.h"

namespace colophon {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kCritical };

// Whether a line of this level would be written: asked before one is made that costs
// something.
bool IsLogged(LogLevel level);

// Writes a line to the log. Thread-safe.
void Log(LogLevel level, const LogLine& line);

// What was written is there, before the process ends at once.
void FlushLog();

}  // namespace colophon
