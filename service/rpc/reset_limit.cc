#include "service/rpc/reset_limit.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/base/log.h"

namespace colophon {

ResetLimit::ResetLimit(int burst, int per_second,
                       std::function<void(const std::string& peer)> disconnect)
    : burst_(burst), per_second_(per_second), disconnect_(std::move(disconnect)) {}

void ResetLimit::Count(const std::string& peer, Clock::time_point now) {
  constexpr auto kForgetEvery = std::chrono::seconds(1);
  {
    std::lock_guard lock(mu_);
    if (now - forgot_at_ >= kForgetEvery) {
      std::erase_if(allowances_,
                    [&](const auto& entry) { return CallsOf(entry.second, now) >= burst_; });
      forgot_at_ = now;
    }
    auto [found, is_new] = allowances_.try_emplace(peer);
    Allowance& allowance = found->second;
    allowance.calls = (is_new ? burst_ : CallsOf(allowance, now)) - 1;
    allowance.at = now;
    if (allowance.calls >= 0) return;
    allowances_.erase(found);  // gRPC may still know of calls; told again after as many.
  }
  LogLine line("event", "disconnected");
  line.Add("peer", peer);
  line.Add("message", fmt::format("took back more than {} calls at once, or {} a second", burst_,
                                  per_second_));
  Log(LogLevel::kWarning, line);
  disconnect_(peer);
}

double ResetLimit::CallsOf(const Allowance& allowance, Clock::time_point now) const {
  const std::chrono::duration<double> passed = now - allowance.at;
  return std::min<double>(burst_, allowance.calls + passed.count() * per_second_);
}

}  // namespace colophon
