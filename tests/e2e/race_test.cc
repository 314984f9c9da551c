// Many connections at once: nothing is lost, nobody wins twice, and what was
// acknowledged to one is there for all.

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

class RaceTest : public E2eTest {
 protected:
  void SetUp() override {
    Serve();
    PublishGreet();
  }

  // Runs `work(i, client)` at once, each on a connection of its own.
  void AtOnce(int count, const std::function<void(int, const Client&)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([this, &work, i] { work(i, client()); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  static int64_t SequenceOf(const Client& client) {
    const auto found = client.GetVersion(VersionRequest("acme/support/greet@latest"));
    return found.ok() ? found->sequence() : -1;
  }

  static v1::GetVersionRequest VersionRequest(const std::string& name) {
    v1::GetVersionRequest request;
    request.set_name(name);
    return request;
  }
};

// A counter in a file, raised by read, compare and write: no update is lost.
TEST_F(RaceTest, UpdatesOnABaseSequenceAreNeverLost) {
  constexpr int kClients = 8;
  constexpr int kUpdates = 5;
  ASSERT_OK(client().Publish(PublishOf("count.prompt", "0")));
  AtOnce(kClients, [&](int, const Client& client) {
    // Each attempt that loses, loses to one that won: so many at the most.
    constexpr int kMostAttempts = kUpdates * kClients * kClients;
    int made = 0;
    for (int attempt = 0; made < kUpdates && attempt < kMostAttempts; ++attempt) {
      const auto read = client.GetVersion(VersionRequest("acme/count@latest"));
      ASSERT_OK(read);
      const int count = std::stoi(read->version().files(0).content());
      v1::PublishRequest write = PublishOf("count.prompt", fmt::format("{}", count + 1));
      write.set_base_sequence(read->sequence());
      const auto written = client.Publish(write);
      if (written.ok()) {
        ++made;
      } else {
        EXPECT_EQ(written.status().code(), absl::StatusCode::kAborted) << written.status();
      }
    }
    EXPECT_EQ(made, kUpdates);
  });
  const auto last = client().GetVersion(VersionRequest("acme/count@latest"));
  ASSERT_OK(last);
  EXPECT_EQ(last->version().files(0).content(), fmt::format("{}", kClients * kUpdates));
  EXPECT_EQ(last->version().version(), static_cast<uint32_t>(kClients * kUpdates + 1));
}

TEST_F(RaceTest, OfManySwapsOfALabelOneWins) {
  constexpr int kClients = 8;
  constexpr uint32_t kRounds = 10;
  for (uint32_t i = 2; i <= kRounds + 1; ++i) {
    ASSERT_OK(client().Publish(PublishOf("support/greet.prompt", fmt::format("Hello {}.", i))));
  }
  for (uint32_t round = 1; round <= kRounds; ++round) {
    std::atomic<int> winners = 0;
    AtOnce(kClients, [&](int, const Client& client) {
      v1::UpdateLabelRequest swap;
      swap.set_name("acme/support/greet@production");
      swap.mutable_expected()->add_targets()->set_version(round);
      swap.mutable_targets()->add_targets()->set_version(round + 1);
      const auto swapped = client.UpdateLabel(swap);
      if (swapped.ok()) {
        ++winners;
      } else {
        EXPECT_THAT(swapped, ErrorIs(absl::StatusCode::kAborted, "LABEL_MOVED"));
      }
    });
    EXPECT_EQ(winners, 1) << "in round " << round;
  }
}

TEST_F(RaceTest, ARequestThatManySendIsMadeOnce) {
  const int64_t before = SequenceOf(client());
  v1::PublishRequest request = PublishOf("support/greet.prompt", "Once.");
  request.set_request_id("once");
  request.set_author("Ada <ada@example.com>");
  std::mutex mu;
  std::set<std::string> answers;
  AtOnce(16, [&](int, const Client& client) {
    const auto answer = client.Publish(request);
    ASSERT_OK(answer);
    std::lock_guard lock(mu);
    answers.insert(answer->SerializeAsString());
  });
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(SequenceOf(client()), before + 1);
}

// Whoever was told of a change tells others, who ask at once on a connection
// that knows nothing of it.
TEST_F(RaceTest, WhatWasAcknowledgedToOneIsThereForAll) {
  const Client reader = client();
  AtOnce(8, [&](int i, const Client& client) {
    for (uint32_t n = 1; n <= 10; ++n) {
      const std::string prompt = fmt::format("mine/p{}", i);
      const auto made =
          client.Publish(PublishOf(prompt + ".prompt", fmt::format("By {}, for the {}.", i, n)));
      ASSERT_OK(made);
      const auto read = reader.GetVersion(VersionRequest(fmt::format("acme/{}@latest", prompt)));
      ASSERT_OK(read);
      EXPECT_EQ(read->version().version(), n);
      EXPECT_EQ(read->version().commit(), made->change().commit());
      EXPECT_GE(read->sequence(), made->change().sequence());
    }
  });
}

// A caller that gave up and asks again may find two records, and never none, nor
// one that stays open.
TEST_F(RaceTest, CallsThatAreGivenUpHaveRecordsOfTheirOwn) {
  constexpr int kClients = 8;
  constexpr int kCalls = 20;
  AtOnce(kClients, [&](int i, const Client& client) {
    for (int n = 0; n < kCalls; ++n) {
      v1::StreamCompleteRequest request;
      *request.mutable_call() = CallOf("acme/support/greet", std::string(2'000, 'x') + " end");
      (*request.mutable_call()->mutable_tags())["call"] = fmt::format("{}-{}", i, n);
      Stream<v1::StreamCompleteResponse> stream = client.StreamComplete(request);
      v1::StreamCompleteResponse event;
      if (n % 2 == 0) {
        EXPECT_TRUE(stream.Read(&event));
      }
      stream.Cancel();
      ASSERT_OK(client.Complete(request.call()));
    }
  });
  StopServing();
  Serve();
  std::map<std::string, int> answered;
  v1::ListRecordsRequest list;
  list.set_name("acme");
  list.set_page_size(500);
  do {
    const auto page = client().ListRecords(list);
    ASSERT_OK(page);
    for (const v1::Record& record : page->records()) {
      const v1::RecordStatus status = record.outcome().status();
      EXPECT_TRUE(status == v1::RECORD_STATUS_OK || status == v1::RECORD_STATUS_CANCELLED)
          << record.ShortDebugString();
      if (status == v1::RECORD_STATUS_OK) ++answered[record.intent().tags().at("call")];
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(answered.size(), static_cast<size_t>(kClients * kCalls));
}

}  // namespace
}  // namespace colophon
