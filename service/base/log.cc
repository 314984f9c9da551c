#include "service/base/log.h"

#include "spdlog/spdlog.h"

namespace colophon {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kCritical:
      return spdlog::level::critical;
  }
  return spdlog::level::critical;
}

}  // namespace

bool IsLogged(LogLevel level) { return spdlog::should_log(ToSpdlog(level)); }

void Log(LogLevel level, const LogLine& line) { spdlog::log(ToSpdlog(level), "{}", line.text()); }

void FlushLog() { spdlog::default_logger_raw()->flush(); }

}  // namespace colophon
