#include "service/rpc/reset_limit.h"

#include <utility>

#include "fmt/format.h"
#include "service/rpc/log_line.h"
#include "spdlog/spdlog.h"

namespace colophon {

ResetLimit::ResetLimit(int per_second, std::function<void(const std::string& peer)> disconnect)
    : per_second_(per_second), disconnect_(std::move(disconnect)) {}

void ResetLimit::Count(const std::string& peer) {
  {
    std::lock_guard lock(mu_);
    const auto now = std::chrono::steady_clock::now();
    if (now - start_ >= std::chrono::seconds(1)) {
      start_ = now;
      counts_.clear();
    }
    if (++counts_[peer] != per_second_ + 1) return;
  }
  LogLine line("event", "disconnected");
  line.Add("peer", peer);
  line.Add("message", fmt::format("took back more than {} calls in a second", per_second_));
  spdlog::warn("{}", line.text());
  disconnect_(peer);
}

}  // namespace colophon
