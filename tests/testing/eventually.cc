#include "tests/testing/eventually.h"

#include <chrono>
#include <thread>

namespace colophon {

testing::AssertionResult Eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return testing::AssertionSuccess();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return testing::AssertionFailure() << "not within 30 s";
}

void Rest(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace colophon
