// Many thousands of streams may be open at once: an open stream costs memory,
// never a thread.

#include <sys/resource.h>

#include <cstdio>
#include <memory>
#include <set>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_server.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

constexpr int kStreams = 2000;

class StreamsTest : public E2eTest {
 protected:
  void SetUp() override {
    // A stream is a descriptor of the model's connection here.
    rlimit limit{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ASSERT_GT(limit.rlim_cur, rlim_t{2 * kStreams});
  }

  v1::GetServerInfoResponse ServerInfo() {
    const absl::StatusOr<v1::GetServerInfoResponse> info = client().GetServerInfo({});
    EXPECT_OK(info);
    return info.ok() ? *info : v1::GetServerInfoResponse();
  }
};

TEST_F(StreamsTest, TwoThousandAreOpenAtOnceAndEachHasItsRecord) {
  auto gate = std::make_shared<ModelGate>();
  ModelServer model;
  model.SetHandler([&](const ModelRequest& request) {
    return ModelAnswer()
        .Send(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("Stream ")))
        .WaitFor(gate)
        .Send(HttpChunk(OpenAiTextEvent(fmt::format("number {}.", request.index))) +
              HttpChunk("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]"
                        "}\n\ndata: [DONE]\n\n") +
              HttpChunkEnd());
  });
  Serve(fmt::format("providers {{ name: \"slow\" kind: KIND_OPENAI base_url: \"{}\" }}",
                    model.base_url()));
  PublishGreet();
  const int64_t bytes_before = ServerInfo().resident_bytes();

  const Client client = this->client();
  std::vector<Stream<v1::StreamCompleteResponse>> streams;
  for (int i = 0; i < kStreams; ++i) {
    v1::StreamCompleteRequest request;
    *request.mutable_call() = CallOf("acme/support/greet", fmt::format("Call {}.", i));
    request.mutable_call()->mutable_overrides()->set_model("slow/talker");
    streams.push_back(client.StreamComplete(request));
  }
  std::set<std::string> records;
  v1::StreamCompleteResponse event;
  for (Stream<v1::StreamCompleteResponse>& stream : streams) {
    ASSERT_TRUE(stream.Read(&event)) << stream.Finish().ToString();
    records.insert(event.start().record());
    ASSERT_TRUE(stream.Read(&event)) << stream.Finish().ToString();
    ASSERT_EQ(event.piece().text(), "Stream ");
  }
  EXPECT_EQ(records.size(), static_cast<size_t>(kStreams));
  const v1::GetServerInfoResponse info = ServerInfo();
  EXPECT_EQ(info.open_completion_count(), kStreams);
  std::printf("%d streams open: %.1f MiB resident, %.1f KiB a stream\n", kStreams,
              static_cast<double>(info.resident_bytes()) / (1 << 20),
              static_cast<double>(info.resident_bytes() - bytes_before) / 1024 / kStreams);

  gate->Open();
  for (Stream<v1::StreamCompleteResponse>& stream : streams) {
    v1::CompleteResponse last;
    while (stream.Read(&event)) {
      if (event.has_response()) last = event.response();
    }
    ASSERT_OK(stream.Finish());
    EXPECT_THAT(TextOf(last.completion()), testing::StartsWith("Stream number "));
    EXPECT_TRUE(records.contains(last.record()));
  }
  EXPECT_EQ(ServerInfo().open_completion_count(), 0);

  for (const std::string& id : records) {
    v1::GetRecordRequest request;
    request.set_id(id);
    ASSERT_OK_AND_ASSIGN(const v1::GetRecordResponse found, client.GetRecord(request));
    EXPECT_EQ(found.record().outcome().status(), v1::STATUS_OK);
    EXPECT_EQ(found.record().outcome().piece_count(), 2);
  }
}

}  // namespace
}  // namespace colophon
