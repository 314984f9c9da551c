// Whose answer is it? Kind: an answer that is matched to its request by order
// alone, on a connection whose upstream says too much, too early or too late.

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/provider/http_connections.h"
#include "tests/provider/calls.h"
#include "tests/provider/certificates.h"
#include "tests/testing/eventually.h"
#include "tests/testing/odd_upstream.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Totals {
  int calls = 0;
  int answered = 0;
  int on_kept_connections = 0;
};

ProviderRequest RequestNamed(const std::string& call, bool stream) {
  ProviderRequest request = RequestFor(stream);
  request.body = fmt::format(
      R"({{"model":"gpt-4o","messages":[{{"role":"user","content":"call {}."}}]}})", call);
  return request;
}

class AttributionTest : public testing::TestWithParam<bool> {
 protected:
  ModelServer::Tls Tls() const {
    return {.certificate_file = certificates_.file("IP.pem"),
            .key_file = certificates_.file("IP.key")};
  }

  // `calls` of them on one upstream, so many at once; in the middle all
  // connections get the time to rest.
  void Round(uint32_t seed, int calls, int at_once, Totals* totals) {
    OddUpstream upstream(seed);
    std::optional<ModelServer> server;
    if (GetParam()) {
      server.emplace(Tls());
    } else {
      server.emplace();
    }
    upstream.ServeOn(&*server);
    config::v1::Provider config;
    config.set_base_url(server->base_url());
    config.set_ca_file(certificates_.file("ca.pem"));
    OneProvider one(config);
    for (int done = 0; done < calls; done += at_once) {
      if (done >= calls / 2 && done < calls / 2 + at_once) {
        Rest(HttpConnections::kRest);
      }
      std::vector<std::future<Outcome>> outcomes;
      for (int i = 0; i < at_once; ++i) {
        outcomes.push_back(CallAsync(one.loop(), one.provider(),
                                     RequestNamed(fmt::format("q{}", done + i), i % 2 == 1)));
      }
      for (int i = 0; i < at_once; ++i) {
        const Outcome outcome = outcomes[i].get();
        const std::string expected = OddUpstream::TextFor(fmt::format("q{}", done + i));
        ++totals->calls;
        if (outcome.end.ok()) {
          ASSERT_EQ(outcome.text(), expected) << "seed " << seed;
          ++totals->answered;
        } else {
          ASSERT_EQ(outcome.text(), expected.substr(0, outcome.text().size())) << "seed " << seed;
          ASSERT_THAT(outcome.end.ToString(), Not(HasSubstr("answer to q"))) << "seed " << seed;
        }
        totals->on_kept_connections += outcome.connection_request_count.value_or(0) > 0 ? 1 : 0;
      }
    }
    one.Stop();
    server.reset();
    EXPECT_LE(upstream.most_times(), 1) << "a request was sent twice";
  }

  const Certificates certificates_;
};

TEST_P(AttributionTest, NoCallGetsAnotherCallsAnswerOneByOne) {
  Totals totals;
  for (uint32_t seed = 1; totals.calls < 1500; ++seed) {
    ASSERT_NO_FATAL_FAILURE(Round(seed, 30, 1, &totals));
  }
  // The oddities leave most calls alone, and there are kept connections.
  EXPECT_GT(totals.answered, totals.calls * 3 / 4);
  EXPECT_GT(totals.on_kept_connections, totals.calls / 20);
}

TEST_P(AttributionTest, NoCallGetsAnotherCallsAnswerManyAtOnce) {
  Totals totals;
  for (uint32_t seed = 1000; totals.calls < 1500; ++seed) {
    ASSERT_NO_FATAL_FAILURE(Round(seed, 256, 64, &totals));
  }
  EXPECT_GT(totals.answered, totals.calls * 3 / 4);
}

INSTANTIATE_TEST_SUITE_P(PlainAndTls, AttributionTest, testing::Bool(),
                         [](const auto& tls) { return tls.param ? "Tls" : "Plain"; });

}  // namespace
}  // namespace colophon
