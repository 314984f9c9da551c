#include "service/rpc/bounded_pool.h"

#include <atomic>
#include <future>

#include "tests/testing/matchers.h"

namespace colophon {
namespace {

TEST(BoundedPoolTest, RefusesAtOnceWhatExceedsThreadsAndQueue) {
  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();
  std::atomic<int> ran{0};
  BoundedPool pool(2, 3);
  const auto job = [&ran, open] {
    open.wait();
    ++ran;
  };
  for (int i = 0; i < 5; ++i) ASSERT_OK(pool.Run(job));

  const absl::Status refused = pool.Run(job);
  EXPECT_THAT(refused, ErrorIs(absl::StatusCode::kResourceExhausted, "BUSY"));
  EXPECT_TRUE(RetryDelayOf(refused).has_value());

  gate.set_value();
  pool.Stop();
  EXPECT_EQ(ran, 5);
}

TEST(BoundedPoolTest, TakesMoreWhenSomeHaveEnded) {
  BoundedPool pool(1, 0);
  for (int i = 0; i < 100; ++i) {
    std::promise<void> ran;
    absl::Status status = pool.Run([&] { ran.set_value(); });
    // The job before may be on its last instruction.
    for (int tries = 0; !status.ok() && tries < 1'000'000; ++tries) {
      std::this_thread::yield();
      status = pool.Run([&] { ran.set_value(); });
    }
    ASSERT_OK(status);
    ran.get_future().get();
  }
}

TEST(BoundedPoolTest, RunsWhatWaitsBeforeItStopsAndNothingAfter) {
  std::atomic<int> ran{0};
  BoundedPool pool(1, 100);
  for (int i = 0; i < 50; ++i) ASSERT_OK(pool.Run([&] { ++ran; }));
  pool.Stop();
  EXPECT_EQ(ran, 50);
  EXPECT_THAT(pool.Run([&] { ++ran; }), ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(ran, 50);
}

}  // namespace
}  // namespace colophon
