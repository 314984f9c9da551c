#include "service/store/rocksdb/info_log.h"

#include <algorithm>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kMaxMessages = 20;  // In each kPeriod; the rest is counted.
constexpr std::chrono::seconds kPeriod(60);
constexpr size_t kMaxMessageBytes = 1000;

class InfoLog : public rocksdb::Logger {
 public:
  explicit InfoLog(StoreLog log) : Logger(rocksdb::WARN_LEVEL), log_(std::move(log)) {}

  // No warnings: the options at each start, what every flush did.
  void LogHeader(const char*, va_list) override {}
  void Logv(const char*, va_list) override {}

  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::WARN_LEVEL || level >= rocksdb::HEADER_LEVEL || !log_ || !Admit()) return;
    std::string text(kMaxMessageBytes, '\0');
    const int size = vsnprintf(text.data(), text.size(), format, arguments);
    if (size < 0) return;
    text.resize(std::min(static_cast<size_t>(size), text.size() - 1));
    const bool is_error = level >= rocksdb::ERROR_LEVEL;
    log_(is_error ? StoreLogLevel::kError : StoreLogLevel::kWarning, "rocksdb", text);
  }

 private:
  using Clock = std::chrono::steady_clock;

  // False for a message too many. The first one of a period says how many there were.
  bool Admit() {
    int left_out = 0;
    {
      std::lock_guard lock(mu_);
      if (Clock::now() - period_begin_ >= kPeriod) {
        period_begin_ = Clock::now();
        left_out = count_ - kMaxMessages;
        count_ = 0;
      }
      if (++count_ > kMaxMessages) return false;
    }
    if (left_out > 0) {
      log_(StoreLogLevel::kWarning, "rocksdb", fmt::format("{} messages left out", left_out));
    }
    return true;
  }

  const StoreLog log_;
  std::mutex mu_;
  // Guarded by mu_.
  Clock::time_point period_begin_ = Clock::now();
  int count_ = 0;  // Of this period, those left out too.
};

}  // namespace

std::shared_ptr<rocksdb::Logger> MakeInfoLog(StoreLog log) {
  return std::make_shared<InfoLog>(std::move(log));
}

}  // namespace colophon
