#include "client/cli/progress.h"

#include <chrono>
#include <cstdio>
#include <utility>

namespace colophon {
namespace {

constexpr std::chrono::milliseconds kMoment(500);
constexpr std::chrono::milliseconds kStep(100);
constexpr const char* kFrames[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

}  // namespace

Progress::Progress(const Output& output, std::string what) : what_(std::move(what)) {
  if (output.error_terminal() && !output.json()) thread_ = std::thread([this] { Run(); });
}

Progress::~Progress() {
  {
    std::lock_guard lock(mu_);
    done_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Progress::Say(std::string what) {
  std::lock_guard lock(mu_);
  what_ = std::move(what);
}

void Progress::Run() {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mu_);
  if (wake_.wait_for(lock, kMoment, [this] { return done_; })) return;
  for (size_t frame = 0; !done_; ++frame) {
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    std::fprintf(stderr, "\r\x1b[K%s %s, %.0f s", kFrames[frame % std::size(kFrames)],
                 what_.c_str(), waited.count());
    std::fflush(stderr);
    wake_.wait_for(lock, kStep, [this] { return done_; });
  }
  std::fprintf(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace colophon
