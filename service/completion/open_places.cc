#include "service/completion/open_places.h"

#include "absl/time/time.h"
#include "fmt/format.h"

namespace colophon {

absl::Status OpenPlaces::Take(const std::string& caller) {
  std::lock_guard lock(mu_);
  if (taken_ >= limit_) {
    return WithRetryDelay(
        ResourceExhausted("BUSY", fmt::format("{} calls are running, which is the limit "
                                              "(max_open_completions)",
                                              limit_)),
        absl::Seconds(1));
  }
  const auto of_caller = of_caller_.find(caller);
  const int taken = of_caller == of_caller_.end() ? 0 : of_caller->second;
  if (taken >= (limit_ + 1) / 2) {
    return WithRetryDelay(
        ResourceExhausted("CALLER_BUSY",
                          fmt::format("{} calls of \"{}\" are running, which is all that one "
                                      "caller may have (half of max_open_completions)",
                                      taken, caller)),
        absl::Seconds(1));
  }
  ++of_caller_[caller];
  ++taken_;
  return absl::OkStatus();
}

void OpenPlaces::GiveBack(const std::string& caller) {
  std::lock_guard lock(mu_);
  --taken_;
  const auto of_caller = of_caller_.find(caller);
  if (--of_caller->second == 0) of_caller_.erase(of_caller);
}

int OpenPlaces::taken() const {
  std::lock_guard lock(mu_);
  return taken_;
}

}  // namespace colophon
