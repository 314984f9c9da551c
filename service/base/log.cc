#include "service/base/log.h"

#include <memory>
#include <string_view>

#include "google/protobuf/stubs/logging.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_sinks.h"
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

// A line's level by the name that the configuration has for it.
class LevelName final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&,
              spdlog::memory_buf_t& text) override {
    const auto long_name = spdlog::level::to_string_view(line.level);
    const std::string_view name = line.level == spdlog::level::warn
                                      ? "warn"
                                      : std::string_view(long_name.data(), long_name.size());
    text.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelName>();
  }
};

void LogProtobuf(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  const bool last_words = level == google::protobuf::LOGLEVEL_FATAL;
  Log(last_words ? LogLevel::kCritical : LogLevel::kDebug,
      LogLine("event", "library").Add("library", "protobuf").Add("message", message));
}

}  // namespace

void StartLog(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("colophond");
  auto format = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  format->add_flag<LevelName>('*').set_pattern("time=%Y-%m-%dT%H:%M:%S.%eZ level=%* %v");
  logger->set_formatter(std::move(format));
  spdlog::set_default_logger(std::move(logger));
  SetLogLevel(level);
  spdlog::flush_on(spdlog::level::info);
  google::protobuf::SetLogHandler(LogProtobuf);
}

void SetLogLevel(const std::string& level) { spdlog::set_level(spdlog::level::from_str(level)); }

bool IsLogged(LogLevel level) { return spdlog::should_log(ToSpdlog(level)); }

void Log(LogLevel level, const LogLine& line) { spdlog::log(ToSpdlog(level), "{}", line.text()); }

void FlushLog() { spdlog::default_logger_raw()->flush(); }

}  // namespace colophon
