// Kind: small input, large cost. Each attack of tests/bench/attacks for a moment:
// no piece of work holds a loop for long, memory stays within its bound, the
// server is still there and ends when it is told to.
//
// No wall time is asserted: the hold of a loop is the server's own figure.

#include <cctype>
#include <chrono>
#include <ostream>
#include <random>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/attacks/attack.h"
#include "tests/bench/attacks/http2_connection.h"
#include "tests/bench/attacks/run_attack.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon::bench {

// "ALookupByAList" of "a lookup by a list".
std::string NameOf(const Attack& attack) {
  std::string name;
  bool begins = true;
  for (const char c : attack.name) {
    const bool is_letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_letter) {
      name += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    }
    begins = !is_letter;
  }
  return name;
}

// As ctest names the test of it.
void PrintTo(const Attack& attack, std::ostream* out) { *out << NameOf(attack); }

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Everything takes many times as long, and as much memory.
constexpr absl::Duration kLongestHold = absl::Milliseconds(400);
constexpr int64_t kMemoryFactor = 8;
#else
constexpr absl::Duration kLongestHold = absl::Milliseconds(20);
constexpr int64_t kMemoryFactor = 1;
#endif

std::string TestName(const testing::TestParamInfo<Attack>& info) { return NameOf(info.param); }

class AttackTest : public testing::TestWithParam<Attack> {};

TEST_P(AttackTest, HurtsNobodyElse) {
  const Attack& attack = GetParam();
  const TempDir folder;
  AttackOptions options;
  options.small = true;
  options.duration = absl::Seconds(2);
  options.folder = folder / "server";
  ASSERT_OK_AND_ASSIGN(const AttackResult result, RunAttack(attack, options));
  SCOPED_TRACE(fmt::format("finding {}: {}\nits calls: {}\n{}", attack.finding, attack.name,
                           result.answers, result.log));
  EXPECT_FALSE(result.ended_before) << "the server is gone";
  EXPECT_THAT(result.exit_code, testing::Optional(0)) << "after SIGTERM";
  ASSERT_TRUE(result.longest_loop_hold.has_value()) << "the server doesn't say";
  EXPECT_LE(*result.longest_loop_hold, kLongestHold);
  EXPECT_LE((result.resident_peak - result.resident_before) >> 20, attack.most_mib * kMemoryFactor);
  EXPECT_TRUE(result.recovered) << "others are not served again";
}

// Kind: bytes that aren't what they should be. Connections whose frames have a
// bit or some flipped are closed or answered, and others notice nothing.
Attack FlippedBits() {
  Attack attack;
  attack.name = "connections with flipped bits";
  attack.finding = "held";
  attack.run = [](AttackContext& context) {
    const uint32_t seed = std::random_device()();
    context.answers().Add(fmt::format("seed {}", seed));
    std::mt19937 random(seed);
    v1::GetVersionRequest request;
    request.set_name(fmt::format("{}/greet@latest", kHonest));
    using Frame = Http2Connection::Frame;
    const std::string call =
        Http2Connection::FrameOf(
            Frame::kHeaders, Http2Connection::kEndHeaders, 1,
            Http2Connection::CallHeaders("/colophon.v1.RegistryService/GetVersion")) +
        Http2Connection::FrameOf(Frame::kData, Http2Connection::kEndStream, 1,
                                 Http2Connection::Message(request.SerializeAsString()));
    for (int i = 0; i < 300; ++i) {
      std::string flipped = call;
      for (uint32_t n = 1 + random() % 3; n > 0; --n) {
        flipped[random() % flipped.size()] ^= static_cast<char>(1 << random() % 8);
      }
      const auto connection = Http2Connection::Open(context.port());
      if (connection == nullptr) return context.answers().Add("no connection");
      connection->Send(flipped);
      // What lost its end waits for more, and is left alone after a moment.
      const bool ended = connection->WaitForEnds(1, std::chrono::milliseconds(20));
      context.answers().Add(connection->is_closed() ? "closed" : ended ? "answered" : "waits");
    }
  };
  return attack;
}

INSTANTIATE_TEST_SUITE_P(All, AttackTest, testing::ValuesIn(AllAttacks(true)), TestName);
INSTANTIATE_TEST_SUITE_P(More, AttackTest, testing::Values(FlippedBits()), TestName);

}  // namespace
}  // namespace colophon::bench
